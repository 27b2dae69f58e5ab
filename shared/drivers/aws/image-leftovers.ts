/**
 * What uploads have made in AWS, by kind:
 *
 *   ami-…                          an image; its snapshots go with it
 *   snap-…                         a snapshot of which no image was made
 *   import-snap-…, import-ami-…    a task that runs; what it has made meanwhile goes with it
 *   s3://BUCKET/KEY                an object, and what was sent of it if that was broken off
 *
 * Each kind tells whose it is by its tags, an object by its key. An import gives its tags to the task
 * only: what it makes has the task's until it gets its own.
 */
import type { Image, Snapshot } from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import { hasCode, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted } from '../../base/wait.ts';
import type { StoredImage } from '../driver.ts';
import type { Images } from './client/images.ts';
import type { Storage } from './client/storage.ts';
import { tagRecord } from './client/tags.ts';
import { isOfUpload, keyPrefix, objectId, placeOf, tagsOfKey } from './image-names.ts';
import { dueTags, untaggedOf } from './import-tags.ts';
import { hasEnded, ofImageTask, ofSnapshotTask, type ImportTask } from './image-tasks.ts';

/** A snapshot counts as used by its image for a moment after that is gone. */
const DELETE_TRIES = 5;

export interface LeftoversOptions {
  readonly images: Images;
  readonly storage: Storage;
  /** Undefined: no bucket is configured. */
  readonly bucket: string | undefined;
  /** The provider's name. */
  readonly provider: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds between two tries to delete what is still used. */
  readonly pollSeconds: number;
}

/** What one listing found. */
interface Found {
  readonly images: readonly Image[];
  readonly snapshots: readonly Snapshot[];
  readonly tasks: readonly ImportTask[];
  readonly keys: readonly string[];
  readonly bucket: string | undefined;
}

export class Leftovers {
  readonly #options: LeftoversOptions;
  /** What was said already: permissions that we do not have. */
  readonly #told = new Set<string>();

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** All images of the account, foreign ones too, and what else uploads have left. */
  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const { images, bucket } = this.#options;
    const seen = <T>(what: string, call: Promise<readonly T[]>) => this.#seen(what, call, signal);
    const [own, snapshots, snapshotTasks, imageTasks, keys] = await Promise.all([
      images.own(signal),
      seen('snapshots', images.snapshots(signal)),
      seen('import tasks', images.snapshotTasks(signal)),
      seen('import tasks', images.imageTasks(signal)),
      seen('objects', this.#keys(signal)),
    ]);
    const tasks = [...snapshotTasks.map(ofSnapshotTask), ...imageTasks.map(ofImageTask)];
    return storedImages({ images: own, snapshots, tasks, keys, bucket });
  }

  /** Resolves when it is gone; also when it never was. */
  async delete(externalId: string, signal: AbortSignal): Promise<void> {
    if (externalId.startsWith('import-')) await this.#cancel(externalId, signal);
    else if (externalId.startsWith('s3://')) await this.#deleteObject(externalId, signal);
    else if (externalId.startsWith('snap-')) await this.#deleteSnapshot(externalId, signal);
    else await this.#deleteImage(externalId, signal);
  }

  async #cancel(id: string, signal: AbortSignal): Promise<void> {
    const { images } = this.#options;
    try {
      await images.cancelImport(id, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      // It ends by itself, and what it makes is found by its tags.
      this.#warnOnce('import tasks', 'an import cannot be cancelled', error);
    }
    // It may have been completed before.
    const task = await this.#task(id, signal);
    for (const one of task?.made ?? []) await this.delete(one, signal);
  }

  async #task(id: string, signal: AbortSignal): Promise<ImportTask | undefined> {
    const { images } = this.#options;
    if (id.startsWith('import-ami-')) {
      const task = await images.imageTask(id, signal);
      return task && ofImageTask(task);
    }
    const task = await images.snapshotTask(id, signal);
    return task && ofSnapshotTask(task);
  }

  async #deleteImage(id: string, signal: AbortSignal): Promise<void> {
    const { images } = this.#options;
    const image = await images.image(id, signal);
    await images.deregister(id, signal);
    for (const snapshot of image ? snapshotsOf(image) : [])
      await this.#deleteSnapshot(snapshot, signal);
  }

  async #deleteSnapshot(id: string, signal: AbortSignal): Promise<void> {
    const { images, clock, pollSeconds } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        await images.deleteSnapshot(id, signal);
        return;
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'retryable') || tries >= DELETE_TRIES) throw error;
        await sleep(clock, pollSeconds * 1000, signal);
      }
    }
  }

  async #deleteObject(externalId: string, signal: AbortSignal): Promise<void> {
    const { storage } = this.#options;
    const { bucket, key } = placeOf(externalId);
    await storage.delete(bucket, key, signal);
    // The key is one upload's: whatever is still being sent under it belongs to it.
    const multiparts = await this.#seen(
      'multiparts',
      storage.multiparts(bucket, key, signal),
      signal,
    );
    for (const one of multiparts)
      if (one.key === key) await storage.abortMultipart(bucket, one.key, one.uploadId, signal);
  }

  /** Of objects, and of those that were sent in part. */
  async #keys(signal: AbortSignal): Promise<readonly string[]> {
    const { storage, bucket, provider } = this.#options;
    if (bucket === undefined) return [];
    const prefix = keyPrefix(provider);
    const lists = await Promise.all([
      storage.objects(bucket, prefix, signal),
      this.#seen('multiparts', storage.multiparts(bucket, prefix, signal), signal),
    ]);
    return [...new Set(lists.flat().map(({ key }) => key))];
  }

  /** Whoever may not see one kind deletes the others nevertheless. */
  async #seen<T>(
    what: string,
    call: Promise<readonly T[]>,
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    try {
      return await call;
    } catch (error) {
      throwIfAborted(signal);
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      this.#warnOnce(what, 'what uploads have left cannot be seen', error);
      return [];
    }
  }

  #warnOnce(what: string, message: string, error: unknown): void {
    const key = `${message}: ${what}`;
    if (!this.#told.has(key)) this.#options.log.warn(message, { what, error });
    this.#told.add(key);
  }
}

/** Tasks that run come first: they make more. Pure. */
function storedImages(found: Found): readonly StoredImage[] {
  const { images, snapshots, tasks, keys, bucket = '' } = found;
  const due = dueTags(untaggedOf(images, snapshots), tasks);
  const metadataOf = (id: string, tags: Image['Tags']) => due.get(id) ?? tagRecord(tags);
  const ofImages = new Set(images.flatMap((image) => snapshotsOf(image)));
  const left = [
    ...tasks.filter((task) => !hasEnded(task)).map(({ id, tags }) => stored(id, null, tags)),
    ...keys.map((key) => stored(objectId(bucket, key), key, tagsOfKey(key) ?? {})),
    ...snapshots
      .filter(({ SnapshotId = '' }) => !ofImages.has(SnapshotId))
      .map(({ SnapshotId: id = '', Tags }) => stored(id, null, metadataOf(id, Tags))),
  ];
  return [
    ...left.filter(({ metadata }) => isOfUpload(metadata)),
    ...images.map(({ ImageId: id = '', Name, Tags }) =>
      stored(id, Name ?? null, metadataOf(id, Tags)),
    ),
  ];
}

function stored(
  externalId: string,
  name: string | null,
  metadata: StoredImage['metadata'],
): StoredImage {
  return { externalId, name, metadata };
}

function snapshotsOf(image: Image): readonly string[] {
  return (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}
