/**
 * Disk images in glance.
 *
 *   make the image -> send the file (or stage and import it) -> active -> compare checksums
 *
 * The file is streamed from disk. Whatever fails after the image was made, it is deleted again.
 * Facts: openstacksdk, openstack/image/v2/_proxy.py: names of properties, and which are no texts.
 */
import { stat } from 'node:fs/promises';

import type { OpenStackDiskimageOptions } from '../../../schemas/config/drivers/openstack.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, withDeadline } from '../../base/wait.ts';
import type { ImageStore, ImageUpload, StoredImage } from '../driver.ts';
import type { Image, ImageData, Images } from './client/images.ts';
import { assertAsBuilt, differs } from '../../cloud/as-built.ts';
import { ImageFile, type SentChecksums } from '../../cloud/image-file.ts';
import { orTakeBack } from '../../cloud/take-back.ts';

export interface GlanceStoreOptions {
  readonly images: Images;
  readonly clock: Clock;
  readonly log: Logger;
  readonly format: string;
  /** For one upload, from the making of the image to its being active. */
  readonly timeoutSeconds: number;
  /** A UUID that nobody has, for a new image. */
  readonly newId: () => string;
  /** Seconds between two looks at an image that is imported. */
  readonly pollSeconds: number;
}

export class GlanceStore implements ImageStore {
  readonly format: string;
  readonly #options: GlanceStoreOptions;

  constructor(options: GlanceStoreOptions) {
    this.#options = options;
    this.format = options.format;
  }

  async upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { images, clock, log, timeoutSeconds, newId } = this.#options;
    const { size } = await stat(upload.file);
    const id = newId();
    const error = (): Error =>
      new CloudError(
        'NP_CLOUD_TRANSIENT',
        `image ${upload.name}: not uploaded within ${timeoutSeconds} s`,
        { labels: ['retryable'], hint: 'raise image-upload-timeout' },
      );
    await orTakeBack(
      {
        ...{ clock, log, subject: 'image of a failed upload', about: { image: id } },
        takeBack: (inner) => images.delete(id, inner),
      },
      () =>
        withDeadline({ clock, ms: timeoutSeconds * 1000, signal, error }, (inner) =>
          this.#upload(upload, { id, bytes: size }, inner),
        ),
    );
    return id;
  }

  delete(externalId: string, signal: AbortSignal): Promise<void> {
    return this.#options.images.delete(externalId, signal);
  }

  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const images = await this.#options.images.images(signal);
    return images.map((image) => ({
      externalId: image.id,
      name: image.name ?? null,
      metadata: Object.fromEntries(
        Object.entries(image).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        ),
      ),
    }));
  }

  async #upload(
    upload: ImageUpload,
    { id, bytes }: { readonly id: string; readonly bytes: number },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#options.images.create(id, imageFields(upload, this.format), signal);
    const file = new ImageFile(upload.file, bytes, upload.onProgress);
    await this.#send(id, { bytes, stream: () => file.read() }, signal);
    const image = await this.#untilActive(id, signal);
    verify(image, upload, file.checksums);
  }

  async #send(id: string, data: ImageData, signal: AbortSignal): Promise<void> {
    const { images, timeoutSeconds } = this.#options;
    try {
      if (await images.upload(id, data, timeoutSeconds, signal)) return;
    } catch (error) {
      // The answer may be what was lost; then the image tells.
      if (signal.aborted || !hasLabel(error, 'ambiguous')) throw error;
      if ((await images.image(id, signal))?.status !== 'active') throw error;
      return;
    }
    const methods = await images.importMethods(signal);
    if (!methods.includes('glance-direct'))
      throw new CloudError('NP_CLOUD_FATAL', 'glance takes neither uploads nor imports from us', {
        hint: `import methods of the cloud: ${methods.join(', ') || 'none'}`,
      });
    await images.stageAndImport(id, data, timeoutSeconds, signal);
  }

  async #untilActive(id: string, signal: AbortSignal): Promise<Image> {
    const { images, clock, pollSeconds } = this.#options;
    for (;;) {
      const image = await images.image(id, signal);
      if (image?.status === 'active') return image;
      if (image === undefined || ['killed', 'deleted', 'deactivated'].includes(image.status))
        throw new CloudError(
          'NP_CLOUD_TRANSIENT',
          `image ${id}: ${image?.status ?? 'gone'} instead of active`,
          { labels: ['retryable'] },
        );
      const failed = image.os_glance_failed_import;
      if (typeof failed === 'string' && failed !== '')
        throw new CloudError('NP_CLOUD_TRANSIENT', `image ${id}: import into ${failed} failed`, {
          labels: ['retryable'],
        });
      await sleep(clock, pollSeconds * 1000, signal);
    }
  }
}

/** Fields that glance wants as numbers. */
const NUMBERS: ReadonlySet<string> = new Set(['min_disk', 'min_ram']);
/** Fields that it wants as they are. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['protected', 'tags']);

/** The body of an image's creation. Pure. */
export function imageFields(
  upload: ImageUpload,
  format: string,
): Readonly<Record<string, unknown>> {
  const { meta } = upload.image.options as OpenStackDiskimageOptions;
  const { md5, sha256 } = upload.checksums;
  const fields: Record<string, unknown> = {
    disk_format: format,
    container_format: 'bare',
    visibility: 'private',
    'owner_specified.openstack.md5': md5 ?? '',
    'owner_specified.openstack.sha256': sha256 ?? '',
    'owner_specified.openstack.object': `images/${upload.name}`,
  };
  for (const [key, value] of Object.entries(meta)) fields[key] = fieldOf(key, value);
  return { ...fields, ...upload.metadata, name: upload.name };
}

function fieldOf(key: string, value: unknown): unknown {
  if (AS_THEY_ARE.has(key)) return value;
  if (NUMBERS.has(key)) return Number(value);
  if (typeof value === 'string') return value;
  // As Python writes them.
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** @throws CloudError if the cloud has other data than we sent, or than was built. Pure. */
export function verify(
  image: Image,
  { name, checksums }: Pick<ImageUpload, 'name' | 'checksums'>,
  sent: SentChecksums | undefined,
): void {
  const { checksum, os_hash_algo: algorithm, os_hash_value: hash } = image;
  const mine = algorithm === 'sha256' || algorithm === 'sha512' ? sent?.[algorithm] : undefined;
  if (differs(checksum, sent?.md5) || differs(hash, mine))
    throw new CloudError(
      'NP_CLOUD_TRANSIENT',
      `image ${name}: glance has other data than was sent`,
      {
        labels: ['retryable'],
      },
    );
  assertAsBuilt(name, sent, checksums);
}
