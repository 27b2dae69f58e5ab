/**
 * Disk images in Azure, sent straight to a managed disk:
 *
 *   check the file -> disk -> write access -> pages -> access ends -> image of the disk -> disk goes
 *
 * Disk and image have the upload's name and tags. Whatever fails, both are deleted again; what an
 * upload left that could not do so is listed as an image, too, so that the builder finds it by its tags.
 *
 * Facts: nodepool/driver/azure/adapter.py; learn.microsoft.com, "Upload a VHD to Azure": Azure looks at
 * the file when the access ends, and a disk with access cannot be deleted.
 */
import type { Disk, Image } from '@azure/arm-compute';

import type { AzureDiskimageOptions } from '../../../schemas/config/drivers/azure.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted, withDeadline } from '../../base/wait.ts';
import { assertAsBuilt } from '../../cloud/as-built.ts';
import { Extras } from '../../cloud/extras.ts';
import { sendSegments, type Segment } from '../../cloud/segments.ts';
import { imageTags } from '../../cloud/tags.ts';
import { orTakeBack } from '../../cloud/take-back.ts';
import type { ImageStore, ImageUpload, StoredImage } from '../driver.ts';
import { removeDisk, type DiskRemovals } from './disk-removal.ts';
import type { Skus } from './skus.ts';
import { checkedVhdBytes } from './vhd.ts';
import { WriteAccess } from './write-access.ts';

/** What asks Azure. All may be called again; what is gone is no error. */
export interface StoreServices {
  readonly disks: DiskRemovals & {
    get(name: string, signal: AbortSignal): Promise<Disk | undefined>;
    list(signal: AbortSignal): Promise<readonly Disk[]>;
    create(name: string, disk: Disk, signal: AbortSignal): Promise<Disk>;
    grantWrite(name: string, seconds: number, signal: AbortSignal): Promise<string>;
  };
  readonly images: {
    list(signal: AbortSignal): Promise<readonly Image[]>;
    get(name: string, signal: AbortSignal): Promise<Image | undefined>;
    create(name: string, image: Image, signal: AbortSignal): Promise<unknown>;
    delete(name: string, signal: AbortSignal): Promise<unknown>;
  };
  readonly pages: {
    put(url: string, offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<unknown>;
  };
}

export interface AzureImageStoreOptions {
  readonly services: StoreServices;
  readonly skus: Skus;
  /** Of disk and image. */
  readonly location: string;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** For one write access to a disk; longer uploads ask for another. Default: a day. */
  readonly accessSeconds?: number;
}

type Tags = Readonly<Record<string, string>>;

/** The most that one call takes. */
const PAGE_BYTES = 4 << 20;
const ZEROS = Buffer.alloc(PAGE_BYTES);
/** As the original. */
const PAGES_AT_ONCE = 10;
/** A slow line may need this long for pages that share it. */
const PAGE_SECONDS = 120;
const ACCESS_SECONDS = 86_400;
/** For a whole upload, which goes on as long as pages are taken. */
const UPLOAD_SECONDS = 3 * 86_400;

export class AzureImageStore implements ImageStore {
  readonly format = 'vhd';
  readonly #options: AzureImageStoreOptions;
  readonly #extras: Extras;

  constructor(options: AzureImageStoreOptions) {
    this.#options = options;
    this.#extras = new Extras(options.log);
  }

  async upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { clock, log } = this.#options;
    const { name, metadata: tags } = upload;
    const bytes = await checkedVhdBytes(upload.file);
    await this.#assertNew(name, signal);
    const error = (): Error =>
      new CloudError(
        'NP_CLOUD_TRANSIENT',
        `image ${name}: not uploaded within ${UPLOAD_SECONDS} s`,
        {
          labels: ['retryable'],
        },
      );
    const ms = UPLOAD_SECONDS * 1000;
    await orTakeBack(
      {
        ...{ clock, log, subject: 'image of a failed upload', about: { image: name } },
        takeBack: (inner) => this.#takeBack(name, tags, inner),
      },
      () =>
        withDeadline({ clock, ms, signal, error }, (inner) => this.#upload(upload, bytes, inner)),
    );
    return name;
  }

  async delete(externalId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.services.images.delete(externalId, signal);
    } finally {
      await this.#removeDisk(externalId, isUpload, signal);
    }
  }

  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const { disks, images } = this.#options.services;
    // A disk becomes an image, not the other way.
    const left = await this.#extras.ask('list of disks', () => disks.list(signal));
    const all = new Map<string, StoredImage>();
    const uploads = (left ?? []).filter(({ tags = {} }) => isUpload(tags));
    for (const { name = '', tags = {} } of [...uploads, ...(await images.list(signal))])
      all.set(name, { externalId: name, name, metadata: tags });
    return [...all.values()];
  }

  /** Two providers may share a resource group, and names are made of seconds. */
  async #assertNew(name: string, signal: AbortSignal): Promise<void> {
    const found = (await this.#image(name, signal)) ?? (await this.#disk(name, signal));
    if (found === undefined) return;
    throw new CloudError('NP_CLOUD_TRANSIENT', `image ${name}: the name is taken`, {
      labels: ['retryable'],
      hint: 'give providers that share a resource group an image-name-format of their own',
    });
  }

  async #upload(upload: ImageUpload, bytes: number, signal: AbortSignal): Promise<void> {
    const { services, skus, location } = this.#options;
    const { disks, images } = services;
    const { name, metadata } = upload;
    const { tags } = upload.image.options as AzureDiskimageOptions;
    const about = { location, tags: { ...imageTags(tags, metadata) } };
    const hasZones = await skus.hasZones(signal);
    const { id = '' } = await disks.create(name, diskFields(about, bytes), signal);
    await this.#send(upload, signal);
    await disks.revoke(name, signal);
    await images.create(name, imageFields(about, id, hasZones), signal);
    await this.#dropDisk(name, signal);
  }

  async #send(upload: ImageUpload, signal: AbortSignal): Promise<void> {
    const { services, clock, random, log, accessSeconds = ACCESS_SECONDS } = this.#options;
    const { disks, pages } = services;
    const { name, file, checksums, onProgress } = upload;
    const access = new WriteAccess({
      ...{ clock, log, disk: name, seconds: accessSeconds },
      grant: (seconds, inner) => disks.grantWrite(name, seconds, inner),
    });
    const send = async ({ offset, bytes }: Segment, inner: AbortSignal): Promise<void> => {
      // A new disk reads as zeros where nothing was written.
      if (isZero(bytes)) return;
      await access.use((url, signal) => pages.put(url, offset, bytes, signal), inner);
    };
    const sent = await sendSegments(
      {
        ...{ file, send, clock, random, log, onProgress },
        ...{ segmentBytes: PAGE_BYTES, atOnce: PAGES_AT_ONCE, attemptSeconds: PAGE_SECONDS },
      },
      signal,
    );
    assertAsBuilt(name, sent.checksums, checksums);
  }

  /** The image does not need it any more. One that stays goes with the image. */
  async #dropDisk(name: string, signal: AbortSignal): Promise<void> {
    const { services, log } = this.#options;
    try {
      await services.disks.delete(name, signal);
    } catch (error) {
      throwIfAborted(signal);
      log.warn('disk of an upload remains until its image is deleted', { disk: name, error });
    }
  }

  /** What a failed upload has made; the name may have become another's meanwhile. */
  async #takeBack(name: string, tags: Tags, signal: AbortSignal): Promise<void> {
    const isOurs = (found: Tags = {}): boolean => isOfUpload(found, tags);
    try {
      if (isOurs((await this.#image(name, signal))?.tags))
        await this.#options.services.images.delete(name, signal);
    } finally {
      await this.#removeDisk(name, isOurs, signal);
    }
  }

  async #removeDisk(
    name: string,
    isWanted: (tags: Tags) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const disk = await this.#disk(name, signal);
    if (isWanted(disk?.tags ?? {})) await removeDisk(this.#options.services.disks, disk, signal);
  }

  #image(name: string, signal: AbortSignal): Promise<Image | undefined> {
    const { images } = this.#options.services;
    return this.#extras.ask('image by its name', () => images.get(name, signal));
  }

  #disk(name: string, signal: AbortSignal): Promise<Disk | undefined> {
    const { disks } = this.#options.services;
    return this.#extras.ask('disk by its name', () => disks.get(name, signal));
  }
}

interface About {
  readonly location: string;
  readonly tags: Record<string, string>;
}

/** Pure. */
export function diskFields({ location, tags }: About, bytes: number): Disk {
  return { location, tags, creationData: { createOption: 'Upload', uploadSizeBytes: bytes } };
}

/** Azure refuses zone-resilient images where a location has no zones. Pure. */
export function imageFields({ location, tags }: About, diskId: string, hasZones: boolean): Image {
  return {
    ...{ location, tags, hyperVGeneration: 'V2' },
    storageProfile: {
      osDisk: { osType: 'Linux', osState: 'Generalized', managedDisk: { id: diskId } },
      zoneResilient: hasZones,
    },
  };
}

function isUpload(tags: Tags): boolean {
  return tags.nodepool_upload_id !== undefined;
}

function isOfUpload(tags: Tags, upload: Tags): boolean {
  return (['nodepool_provider_name', 'nodepool_build_id', 'nodepool_upload_id'] as const).every(
    (tag) => tags[tag] === upload[tag],
  );
}

function isZero(bytes: Uint8Array): boolean {
  return ZEROS.subarray(0, bytes.length).equals(bytes);
}
