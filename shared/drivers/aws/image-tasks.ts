/** Tasks that import: both kinds of AWS's, looked at as one. */
import type { ImportImageTask, ImportSnapshotTask } from '@aws-sdk/client-ec2';

import { CloudError } from '../../base/errors.ts';
import { tagRecord } from './client/tags.ts';

export interface ImportTask {
  /** `import-snap-…` or `import-ami-…`. */
  readonly id: string;
  /** In small letters: `active`, `completed`, `deleting`, `deleted`, ... */
  readonly status: string;
  /** What AWS is doing, or what went wrong; may be empty. */
  readonly words: string;
  /** Percent; may be empty. */
  readonly progress: string;
  /** Ids of what it has made: the image, then snapshots. */
  readonly made: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

const FAILED: ReadonlySet<string> = new Set(['deleted', 'deleting', 'error', 'cancelled']);

/** Whether it makes nothing any more. */
export function hasEnded({ status }: ImportTask): boolean {
  return status === 'completed' || FAILED.has(status);
}

/** @throws CloudError if it never will be. */
export function isCompleted({ id, status, words }: ImportTask): boolean {
  if (FAILED.has(status))
    throw new CloudError(
      'NP_CLOUD_TRANSIENT',
      `import ${id} is ${status}: ${words === '' ? 'AWS gives no reason' : words}`,
      { labels: ['retryable'] },
    );
  return status === 'completed';
}

export function ofSnapshotTask(task: ImportSnapshotTask): ImportTask {
  const { SnapshotTaskDetail: detail = {} } = task;
  return taskOf(task, detail, ids([detail.SnapshotId]));
}

export function ofImageTask(task: ImportImageTask): ImportTask {
  const snapshots = (task.SnapshotDetails ?? []).map(({ SnapshotId }) => SnapshotId);
  return taskOf(task, task, ids([task.ImageId, ...snapshots]));
}

function taskOf(
  { ImportTaskId = '', Tags }: Pick<ImportImageTask, 'ImportTaskId' | 'Tags'>,
  detail: Pick<ImportImageTask, 'Status' | 'StatusMessage' | 'Progress'>,
  made: readonly string[],
): ImportTask {
  const { Status = '', StatusMessage: words = '', Progress: progress = '' } = detail;
  const status = Status.toLowerCase();
  return { id: ImportTaskId, status, words, progress, made, tags: tagRecord(Tags) };
}

function ids(found: readonly (string | undefined)[]): readonly string[] {
  return found.filter((id): id is string => id !== undefined && id !== '');
}
