/**
 * Imports: the file is put into S3, and AWS makes a snapshot, or an image, of it.
 *
 *   object with tags -> compare with the build -> task with tags -> it is completed -> tags -> object gone
 *                                                  +-> AWS takes no more tasks: again every 30 s
 *
 * All who wait for their task share one listing; those who wait for AWS to take one stand in line.
 */
import type { ArchitectureValues } from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import { CloudError, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted } from '../../base/wait.ts';
import { assertAsBuilt } from '../../cloud/as-built.ts';
import { ImageFile } from '../../cloud/image-file.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import { Slots } from '../../cloud/slots.ts';
import type { Images } from './client/images.ts';
import type { Storage } from './client/storage.ts';
import { tagList } from './client/tags.ts';
import type { ImageJob } from './image-job.ts';
import type { Leftovers } from './image-leftovers.ts';
import { objectId, objectKey, objectTags } from './image-names.ts';
import { isCompleted, ofImageTask, ofSnapshotTask, type ImportTask } from './image-tasks.ts';

/** Until AWS is asked again whether it takes one more task. */
const LIMIT_PAUSE_MS = 30_000;

export interface ImageImportsOptions {
  readonly images: Images;
  readonly storage: Storage;
  readonly leftovers: Leftovers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Undefined: none is configured. */
  readonly bucket: string | undefined;
  /** For AWS to take the task; undefined: one that it does not take at once has failed. */
  readonly timeoutSeconds: number | undefined;
  readonly newToken: () => string;
  /** A fifth of the seconds between two listings of tasks. */
  readonly pollSeconds: number;
}

type TaskListing = SharedListing<ReadonlyMap<string, ImportTask>>;

/** A task that AWS has not shown for so long is gone. */
const UNSEEN_MS = 600_000;
/** An import takes minutes, so it is looked at less often than an instance. */
const POLLS = 5;

/** Where the file is. */
interface Source {
  readonly Format: string;
  readonly UserBucket: { readonly S3Bucket: string; readonly S3Key: string };
}

export class ImageImports {
  readonly #options: ImageImportsOptions;
  readonly #line = new Slots(1);
  readonly #snapshotTasks: TaskListing;
  readonly #imageTasks: TaskListing;

  constructor(options: ImageImportsOptions) {
    this.#options = options;
    const { images } = options;
    this.#snapshotTasks = taskListing(options, async (signal) =>
      (await images.snapshotTasks(signal)).map(ofSnapshotTask),
    );
    this.#imageTasks = taskListing(options, async (signal) =>
      (await images.imageTasks(signal)).map(ofImageTask),
    );
  }

  /** Resolves with the id of the snapshot. */
  snapshot(job: ImageJob, signal: AbortSignal): Promise<string> {
    return this.#throughBucket(job, signal, async (source) => {
      const { images } = this.#options;
      const request = {
        ClientToken: this.#options.newToken(),
        DiskContainer: source,
        TagSpecifications: tagSpecifications('import-snapshot-task', job),
      };
      const begin = () => images.importSnapshot(request, signal);
      return this.#import(job, begin, this.#snapshotTasks, signal);
    });
  }

  /** Resolves with the id of the AMI. */
  image(job: ImageJob, signal: AbortSignal): Promise<string> {
    return this.#throughBucket(job, signal, async (source) => {
      const { images } = this.#options;
      const request = {
        ClientToken: this.#options.newToken(),
        Architecture: job.options.architecture as ArchitectureValues,
        DiskContainers: [source],
        TagSpecifications: tagSpecifications('import-image-task', job),
      };
      const begin = () => images.importImage(request, signal);
      return this.#import(job, begin, this.#imageTasks, signal);
    });
  }

  async #throughBucket(
    job: ImageJob,
    signal: AbortSignal,
    work: (source: Source) => Promise<string>,
  ): Promise<string> {
    const { storage, bucket, log, leftovers } = this.#options;
    if (bucket === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `image ${job.name}: there is no bucket for it`, {
        hint: 'set object-storage of the provider, or import-method ebs-direct of the image',
      });
    const key = objectKey(job.tags, `${job.name}.${job.format}`);
    const { bytes, onProgress, tags } = job;
    job.made.add(objectId(bucket, key));
    const file = new ImageFile(job.file, bytes, undefined);
    const progress = onProgress && { onProgress };
    try {
      await storage.upload(
        { bucket, key, bytes, body: file.read(), tags: objectTags(tags), ...progress },
        signal,
      );
    } catch (error) {
      throwIfAborted(signal);
      // The last answer may be what was lost: an object is there whole or not at all.
      if (file.checksums === undefined || !(await this.#hasObject(bucket, key, signal)))
        throw error;
    }
    assertAsBuilt(job.name, file.checksums, job.checksums);
    const id = await work({ Format: job.format, UserBucket: { S3Bucket: bucket, S3Key: key } });
    try {
      // Where an answer of S3 was lost parts may remain, too.
      await leftovers.delete(objectId(bucket, key), signal);
    } catch (error) {
      throwIfAborted(signal);
      // It costs a little, and its tags tell that nobody needs it.
      log.warn('object of an imported image remains', { image: job.name, key, error });
    }
    return id;
  }

  async #hasObject(bucket: string, key: string, signal: AbortSignal): Promise<boolean> {
    try {
      const objects = await this.#options.storage.objects(bucket, key, signal);
      return objects.some((object) => object.key === key);
    } catch {
      throwIfAborted(signal);
      return false;
    }
  }

  async #import(
    job: ImageJob,
    begin: () => Promise<string>,
    tasks: TaskListing,
    signal: AbortSignal,
  ): Promise<string> {
    const id = await this.#taken(job, signal, begin);
    return this.#made(job, await this.#untilCompleted(job, id, tasks, signal), signal);
  }

  /** Resolves with the id of the task that `begin` makes, once AWS takes it. */
  async #taken(job: ImageJob, signal: AbortSignal, begin: () => Promise<string>): Promise<string> {
    const { clock, log, timeoutSeconds = 0 } = this.#options;
    const untilMs = clock.monotonic() + timeoutSeconds * 1000;
    const id = await this.#line.run(signal, async () => {
      for (;;) {
        try {
          return await begin();
        } catch (error) {
          throwIfAborted(signal);
          if (!hasLabel(error, 'quota') || clock.monotonic() >= untilMs) throw error;
          log.warn('AWS takes no more imports now; tried again', { image: job.name, error });
          await sleep(clock, LIMIT_PAUSE_MS, signal);
        }
      }
    });
    job.made.add(id);
    log.info('image is being imported', { image: job.name, task: id });
    return id;
  }

  #untilCompleted(
    job: ImageJob,
    id: string,
    tasks: TaskListing,
    signal: AbortSignal,
  ): Promise<ImportTask> {
    const { clock, log } = this.#options;
    let last = '';
    let seenMs = clock.monotonic();
    return tasks.until((listing) => {
      const task = listing.get(id);
      // AWS shows a new task a moment later, and keeps those that have ended for days.
      if (task === undefined) {
        if (clock.monotonic() - seenMs < UNSEEN_MS) return undefined;
        throw new CloudError('NP_CLOUD_TRANSIENT', `import ${id}: AWS does not know it any more`, {
          labels: ['retryable'],
        });
      }
      seenMs = clock.monotonic();
      const { status, words, progress } = task;
      const now = `${status} ${progress} ${words}`;
      if (now !== last) log.info('import', { image: job.name, task: id, status, progress, words });
      last = now;
      return isCompleted(task) ? task : undefined;
    }, signal);
  }

  /** Gives all the job's tags; resolves with the first. */
  async #made(
    job: ImageJob,
    { id: task, made: ids }: ImportTask,
    signal: AbortSignal,
  ): Promise<string> {
    const { images, log } = this.#options;
    const [first] = ids;
    if (first === undefined)
      throw new CloudError(
        'NP_CLOUD_TRANSIENT',
        `import ${task} is completed and has made nothing`,
        {
          labels: ['retryable'],
        },
      );
    for (const id of ids) job.made.add(id);
    try {
      await images.tag(ids, job.tags, signal);
    } catch (error) {
      throwIfAborted(signal);
      // Whoever looks for leaks gives it the task's tags.
      log.warn('what was imported has no tags yet', { image: job.name, ids, error });
    }
    return first;
  }
}

function taskListing(
  { clock, pollSeconds }: ImageImportsOptions,
  tasks: (signal: AbortSignal) => Promise<readonly ImportTask[]>,
): TaskListing {
  const list = async (signal: AbortSignal): Promise<ReadonlyMap<string, ImportTask>> =>
    new Map((await tasks(signal)).map((task) => [task.id, task]));
  return new SharedListing({ clock, pollSeconds: pollSeconds * POLLS, list });
}

function tagSpecifications(
  kind: 'import-snapshot-task' | 'import-image-task',
  { tags }: ImageJob,
): [{ ResourceType: typeof kind; Tags: ReturnType<typeof tagList> }] {
  return [{ ResourceType: kind, Tags: tagList(tags) }];
}
