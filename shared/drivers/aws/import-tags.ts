/**
 * Whose the images and snapshots are that imports have made.
 *
 * AWS gives the tags of an import to its task alone. What the task makes has none until whoever began it
 * sets them, and if that one ends before, nobody would ever know. So what has no tags gets those of its
 * task, if that is one of ours. A task is known for some days only, hence they are written, but not
 * before the second look: a builder may be about to do so.
 */
import type { Image, Snapshot } from '@aws-sdk/client-ec2';

import { hasCode, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { Images } from './client/images.ts';
import { hasEnded, ofImageTask, ofSnapshotTask, type ImportTask } from './image-tasks.ts';

type Tags = Readonly<Record<string, string>>;

/** An image or a snapshot without tags, and by what its task may be found. */
export interface Untagged {
  readonly id: string;
  /** Id of the task that made it, where its name or description tells. */
  readonly taskId: string | undefined;
  /** The snapshot that it is, or was made from. */
  readonly snapshotId: string | undefined;
}

export interface ImportTagsOptions {
  readonly images: Pick<Images, 'imageTasks' | 'snapshotTasks' | 'tag'>;
  readonly provider: string;
  readonly log: Logger;
}

export class ImportTags {
  readonly #options: ImportTagsOptions;
  /** What is of no task of ours; of those that were listed last. */
  #foreign: ReadonlySet<string> = new Set();
  /** What is of one, and had no tags the last time. */
  #seen: ReadonlySet<string> = new Set();
  /** We may not write tags. */
  #isForbidden = false;

  constructor(options: ImportTagsOptions) {
    this.#options = options;
  }

  /** Our tasks, as far as AWS knows them. */
  async tasks(signal: AbortSignal): Promise<readonly ImportTask[]> {
    const { images, provider } = this.#options;
    const [ofImages, ofSnapshots] = await Promise.all([
      images.imageTasks(signal),
      images.snapshotTasks(signal),
    ]);
    const all = [...ofImages.map(ofImageTask), ...ofSnapshots.map(ofSnapshotTask)];
    return all.filter(({ tags }) => tags.nodepool_provider_name === provider);
  }

  /** Whether the tasks are needed to tell whose these are. */
  isCurious(untagged: readonly Untagged[]): boolean {
    return untagged.some(({ id }) => !this.#foreign.has(id));
  }

  /** The tags that are due to what has none. */
  async settle(
    untagged: readonly Untagged[],
    tasks: readonly ImportTask[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Tags>> {
    const due = dueTags(untagged, tasks);
    const foreign = untagged.map(({ id }) => id).filter((id) => !due.has(id));
    // What a running task makes may be there before the task says so.
    const isSure = tasks.every((task) => hasEnded(task));
    this.#foreign = new Set(foreign.filter((id) => isSure || this.#foreign.has(id)));
    await this.#write(due, signal);
    this.#seen = new Set(due.keys());
    return due;
  }

  async #write(due: ReadonlyMap<string, Tags>, signal: AbortSignal): Promise<void> {
    const { images, log } = this.#options;
    const groups = new Map<Tags, string[]>();
    for (const [id, tags] of due)
      if (this.#seen.has(id)) groups.set(tags, [...(groups.get(tags) ?? []), id]);
    for (const [tags, ids] of this.#isForbidden ? [] : groups)
      try {
        await images.tag(ids, withoutReserved(tags), signal);
        log.info('tags of an import given to what it made', { ids });
      } catch (error) {
        throwIfAborted(signal);
        // They may be gone, or we may not. What is due to them counts nevertheless.
        this.#isForbidden = hasCode(error, 'NP_CLOUD_FATAL');
        log.warn('tags of an import not written', { ids, error: messageOf(error) });
      }
  }
}

/** What of these has no tags and may be of an import. Pure. */
export function untaggedOf(
  images: readonly Image[],
  snapshots: readonly Snapshot[],
): readonly Untagged[] {
  return [
    ...images
      .filter(({ Tags }) => !Tags?.length)
      .map(({ ImageId = '', Name = '', BlockDeviceMappings: [first] = [] }) => ({
        id: ImageId,
        taskId: Name.startsWith('import-ami-') ? Name : undefined,
        snapshotId: first?.Ebs?.SnapshotId,
      })),
    ...snapshots
      .filter(({ Tags }) => !Tags?.length)
      .map(({ SnapshotId = '', Description = '' }) => ({
        id: SnapshotId,
        taskId: /import-ami-\w+/.exec(Description)?.[0],
        snapshotId: SnapshotId,
      })),
  ];
}

/**
 * By the id that the task says it has made, by the task's own id, or by the snapshot that an image was
 * made from. Each gets the tags of its own task. Pure.
 */
export function dueTags(
  untagged: readonly Untagged[],
  tasks: readonly ImportTask[],
): ReadonlyMap<string, Tags> {
  const known = new Map<string, Tags>();
  for (const { id, made, tags } of tasks) for (const one of [id, ...made]) known.set(one, tags);
  const due = new Map<string, Tags>();
  for (const { id, taskId = '', snapshotId = '' } of untagged) {
    const tags = known.get(id) ?? known.get(taskId) ?? known.get(snapshotId);
    if (tags !== undefined) due.set(id, tags);
  }
  return due;
}

/** Those of AWS itself are not ours to write. */
function withoutReserved(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
}
