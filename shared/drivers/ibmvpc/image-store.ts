/**
 * Disk images in a region:
 *
 *   file -> object -> image, imported from it -> available -> the object goes
 *
 * Nothing there has tags: names tell whose they are (image-names.ts). Whatever fails, image and object are
 * deleted again; what an upload left that could not do so is listed as an image, too, so that the builder
 * finds it.
 *
 * Facts: nodepool/driver/ibmvpc/adapter.py.
 */
import type { IbmVpcDiskimageOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted, withDeadline } from '../../base/wait.ts';
import { orTakeBack } from '../../cloud/take-back.ts';
import type { ImageStore, ImageUpload, StoredImage } from '../driver.ts';
import { failureError } from './client/errors.ts';
import type { Images } from './client/images.ts';
import type { VpcImage } from './client/model.ts';
import type { Groups } from './groups.ts';
import { imageGroupName } from './ids.ts';
import { assertImageName, isOfImage, isOfSameUpload } from './image-names.ts';
import { keyOfId, keyPrefix, objectId, objectKey, tagsOfKey } from './image-names.ts';
import type { ImageObjects } from './image-objects.ts';

export interface ImageStoreOptions {
  readonly provider: string;
  readonly images: Pick<Images, 'list' | 'named' | 'get' | 'create' | 'delete'>;
  readonly objects: Pick<ImageObjects, 'send' | 'delete' | 'keys' | 'keysOf'>;
  /** Resolves with the bucket's region once it is known that uploads can work. */
  readonly region: (signal: AbortSignal) => Promise<string>;
  readonly bucket: string;
  /** Of files. */
  readonly format: string;
  readonly groups: Pick<Groups, 'idOf' | 'tagged'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Between two looks at what takes its time. */
  readonly pollSeconds: number;
}

type Tags = Readonly<Record<string, string>>;

/** Each call has a deadline of its own; this is for imports that never end. */
const UPLOAD_SECONDS = 12 * 3600;
/** So often the creation of an image is asked for, where its answer is lost. */
const MOST_TRIES = 3;

export class IbmVpcImageStore implements ImageStore {
  readonly format: string;
  readonly #options: ImageStoreOptions;

  constructor(options: ImageStoreOptions) {
    this.#options = options;
    this.format = options.format;
  }

  async upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { clock, log } = this.#options;
    const { name, metadata } = upload;
    assertImageName(name, metadata);
    const error = (): Error =>
      new CloudError(
        'NP_CLOUD_TRANSIENT',
        `image ${name}: not uploaded within ${UPLOAD_SECONDS} s`,
        { labels: ['retryable'] },
      );
    return orTakeBack(
      {
        ...{ clock, log, subject: 'part of a failed upload', about: { image: name } },
        takeBack: (inner) => this.#takeBack(upload, inner),
      },
      () =>
        withDeadline({ clock, ms: UPLOAD_SECONDS * 1000, signal, error }, (inner) =>
          this.#upload(upload, inner),
        ),
    );
  }

  async delete(externalId: string, signal: AbortSignal): Promise<void> {
    const { images, objects, bucket, provider } = this.#options;
    const key = keyOfId(externalId, bucket);
    if (key !== undefined) {
      await objects.delete(key, signal);
      return;
    }
    const image = await images.get(externalId, signal);
    if (image === undefined) return;
    const { name } = image;
    for (const prefix of [`${keyPrefix(provider)}${name}.`, `${name}.`])
      for (const one of await objects.keysOf(prefix, signal))
        if (isOfImage(one, provider, name)) await objects.delete(one, signal);
    await this.#deleteImage(image, signal);
  }

  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const { images, objects, groups, bucket } = this.#options;
    // A file becomes an image, not the other way.
    const keys = await objects.keys(signal);
    const tagged = await groups.tagged(await images.list(signal), signal);
    return [
      ...keys.map((key) => ({
        ...{ externalId: objectId(bucket, key), name: key, metadata: tagsOfKey(key) },
      })),
      ...tagged.map(({ thing: { id, name }, tags }) => ({
        ...{ externalId: id, name, metadata: tags },
      })),
    ];
  }

  async #upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { objects, region, bucket, provider, log } = this.#options;
    const { name } = upload;
    const key = objectKey(provider, name, this.format);
    const href = `cos://${await region(signal)}/${bucket}/${key}`;
    await objects.send(key, upload, signal);
    const image = await this.#untilAvailable(await this.#create(upload, href, signal), signal);
    try {
      await objects.delete(key, signal);
    } catch (error) {
      throwIfAborted(signal);
      log.warn('object of an upload remains until its image is deleted', { image: name, error });
    }
    return image.id;
  }

  /** Where the answer is lost, it is looked for by its name, which is of this upload alone. */
  async #create(upload: ImageUpload, fileHref: string, signal: AbortSignal): Promise<VpcImage> {
    const { images, groups, provider } = this.#options;
    const { name, metadata, image } = upload;
    const { operatingSystem } = image.options as IbmVpcDiskimageOptions;
    const groupId = await groups.idOf(imageGroupName(provider), signal);
    for (let tries = 1; ; tries++)
      try {
        const made = await images.create({ name, groupId, fileHref, operatingSystem }, signal);
        const found = made ?? (await this.#found(name, metadata, signal));
        if (found !== undefined) return found;
        throw takenError(name);
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'ambiguous')) throw error;
        const found = await this.#found(name, metadata, signal);
        if (found !== undefined) return found;
        if (tries >= MOST_TRIES) throw error;
      }
  }

  /** What has the name, if it is of that upload. */
  async #found(name: string, wanted: Tags, signal: AbortSignal): Promise<VpcImage | undefined> {
    const { images, groups } = this.#options;
    const image = await images.named(name, signal);
    if (image === undefined) return undefined;
    const [tagged] = await groups.tagged([image], signal);
    return isOfSameUpload(tagged?.tags ?? {}, wanted) ? image : undefined;
  }

  async #untilAvailable(image: VpcImage, signal: AbortSignal): Promise<VpcImage> {
    const { images, clock, pollSeconds } = this.#options;
    for (let now: VpcImage | undefined = image; ; now = await images.get(image.id, signal)) {
      const { name } = image;
      if (now === undefined || now.status === 'deleting') throw goneError(name);
      if (now.status === 'available') return now;
      if (now.status !== 'pending') throw importError(now);
      await sleep(clock, pollSeconds * 1000, signal);
    }
  }

  /** Resolves when it is gone. */
  async #deleteImage({ id }: VpcImage, signal: AbortSignal): Promise<void> {
    const { images, clock, pollSeconds } = this.#options;
    if (!(await images.delete(id, signal))) return;
    while ((await images.get(id, signal)) !== undefined)
      await sleep(clock, pollSeconds * 1000, signal);
  }

  /** What a failed upload has made; the name is of this upload alone. */
  async #takeBack({ name, metadata }: ImageUpload, signal: AbortSignal): Promise<void> {
    const { objects, provider } = this.#options;
    try {
      const image = await this.#found(name, metadata, signal);
      if (image !== undefined) await this.#deleteImage(image, signal);
    } finally {
      await objects.delete(objectKey(provider, name, this.format), signal).catch(unlessNoBucket);
    }
  }
}

function unlessNoBucket(error: unknown): void {
  if (!hasCode(error, 'NP_CLOUD_NOT_FOUND')) throw error;
}

/** In IBM's own words; what is wrong with the file stays so. Pure. */
function importError({ name, status, reasons }: VpcImage): CloudError {
  const failure = failureError(`image ${name} is ${status}`, reasons);
  if (!reasons.some(({ code }) => code.startsWith('image_'))) return failure;
  return new CloudError('NP_CLOUD_FATAL', failure.message);
}

function takenError(name: string): CloudError {
  return new CloudError('NP_CLOUD_FATAL', `image ${name}: the name is taken by somebody else`);
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `image ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
