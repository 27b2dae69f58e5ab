/**
 * What a failed launch means: pause for quota, another attempt, or the end; and its metric's name.
 */
import { hasCode, hasLabel, isCloudError, ZooKeeperError } from '../../shared/base/errors.ts';

export type FailureKind =
  /** The cloud is full: the node is given up, the request waits; no attempt is counted. */
  | 'quota'
  /** ZooKeeper is away, the lock is gone or the process stops: the cloud is not to blame. */
  | 'lost'
  /** Counts as an attempt. */
  | 'attempt'
  /** No further attempt can help. */
  | 'final';

export function failureKind(error: unknown): FailureKind {
  if (error instanceof ZooKeeperError || hasCode(error, 'NP_ABORTED')) return 'lost';
  if (hasCode(error, 'NP_CLOUD_QUOTA') || hasLabel(error, 'quota')) return 'quota';
  if (hasCode(error, 'NP_CLOUD_FATAL')) return 'final';
  return 'attempt';
}

/** The last part of `nodepool.launch.<result>`; the original's words. */
export function failureMetric(error: unknown): string {
  if (hasCode(error, 'ZK_SESSION_EXPIRED') || hasCode(error, 'ZK_LOCK_LOST')) {
    return 'error.zksession';
  }
  if (hasCode(error, 'NP_CLOUD_QUOTA')) return 'error.quota';
  if (hasCode(error, 'NP_CLOUD_CAPACITY') || hasLabel(error, 'capacity')) return 'error.capacity';
  if (hasCode(error, 'NP_LAUNCH_TIMEOUT')) return 'error.servercreatetimeout';
  if (hasCode(error, 'NP_KEYSCAN_FAILED')) return 'error.keyscan';
  if (isCloudError(error)) return 'error.status';
  return 'error.unknown';
}
