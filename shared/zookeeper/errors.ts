/**
 * ZooKeeper's error numbers as the errors of this project, and the questions callers ask of them.
 *
 * The numbers are those of org.apache.zookeeper.KeeperException.Code, 3.9.
 */
import type { ErrorCode } from '../base/error-codes.ts';
import { hasCode, hasLabel, ZooKeeperError } from '../base/errors.ts';
import type { ErrorLabel } from '../base/errors.ts';

/** Numbers that the client itself acts upon. */
export const serverError = {
  ok: 0,
  runtimeInconsistency: -2,
  unimplemented: -6,
  noNode: -101,
  nodeExists: -110,
  sessionExpired: -112,
  authFailed: -115,
  sessionMoved: -118,
  noWatcher: -121,
} as const;

interface ServerError {
  readonly name: string;
  readonly code: ErrorCode;
  readonly labels?: readonly ErrorLabel[];
}

const serverErrors: ReadonlyMap<number, ServerError> = new Map<number, ServerError>([
  [-1, { name: 'system error', code: 'ZK_SERVER' }],
  [-2, { name: 'not done, because another operation failed', code: 'ZK_SERVER' }],
  [-3, { name: 'data inconsistency', code: 'ZK_SERVER' }],
  [-4, { name: 'connection loss', code: 'ZK_CONNECTION_LOSS', labels: ['retryable', 'ambiguous'] }],
  [-5, { name: 'marshalling error', code: 'ZK_SERVER' }],
  [-6, { name: 'not known to this server', code: 'ZK_UNSUPPORTED' }],
  [-7, { name: 'operation timeout', code: 'ZK_SERVER', labels: ['retryable', 'ambiguous'] }],
  [-8, { name: 'bad arguments', code: 'ZK_BAD_ARGUMENTS' }],
  [-101, { name: 'no node', code: 'ZK_NO_NODE', labels: ['notFound'] }],
  [-102, { name: 'no permission', code: 'ZK_NO_AUTH' }],
  [-103, { name: 'bad version', code: 'ZK_BAD_VERSION' }],
  [-108, { name: 'ephemeral znodes have no children', code: 'ZK_SERVER' }],
  [-110, { name: 'node exists', code: 'ZK_NODE_EXISTS' }],
  [-111, { name: 'not empty', code: 'ZK_NOT_EMPTY' }],
  [-112, { name: 'session expired', code: 'ZK_SESSION_EXPIRED', labels: ['retryable'] }],
  [-114, { name: 'invalid ACL', code: 'ZK_SERVER' }],
  [-115, { name: 'authentication failed', code: 'ZK_AUTH_FAILED' }],
  [-118, { name: 'session moved', code: 'ZK_CONNECTION_LOSS', labels: ['retryable'] }],
  [-119, { name: 'server is read-only', code: 'ZK_SERVER', labels: ['retryable'] }],
  [-121, { name: 'no such watch', code: 'ZK_SERVER' }],
  [-122, { name: 'request timeout', code: 'ZK_SERVER', labels: ['retryable', 'ambiguous'] }],
  [-124, { name: 'session closed: authentication required', code: 'ZK_AUTH_FAILED' }],
  [-125, { name: 'quota exceeded', code: 'ZK_SERVER' }],
  [-127, { name: 'server throttles', code: 'ZK_SERVER', labels: ['retryable'] }],
]);

/** The error for a number in a reply. */
export function errorOfReply(number: number, what: string, cause?: unknown): ZooKeeperError {
  const known = serverErrors.get(number);
  if (!known) return new ZooKeeperError('ZK_SERVER', `${what}: server error ${number}`, { cause });
  const labels = known.labels ?? [];
  return new ZooKeeperError(known.code, `${what}: ${known.name}`, { labels, cause });
}

/** The server's bytes make no sense. */
export function protocolError(message: string, cause?: unknown): ZooKeeperError {
  return new ZooKeeperError('ZK_PROTOCOL', message, { labels: ['retryable'], cause });
}

/** The connection is gone or was never there. Clean: what was sent adds `ambiguous` itself. */
export function lostError(message: string, cause?: unknown): ZooKeeperError {
  return new ZooKeeperError('ZK_CONNECTION_LOSS', message, { labels: ['retryable'], cause });
}

export function tlsError(message: string, cause: unknown): ZooKeeperError {
  return new ZooKeeperError('ZK_TLS', message, { labels: ['retryable'], cause });
}

/** An error of a socket; a refused certificate may come as late as with the first bytes. */
export function socketError(error: Error): ZooKeeperError {
  const isTls = 'code' in error && String(error.code).startsWith('ERR_SSL');
  return isTls ? tlsError(`TLS: ${error.message}`, error) : lostError(error.message, error);
}

/**
 * A transaction that was refused as a whole: nothing of it took effect. It carries the code and
 * labels of the operation that failed.
 */
export class MultiError extends ZooKeeperError {
  /** Which operation failed, counted from 0. */
  readonly failedIndex: number;
  /** One for each operation: undefined where it was not at fault. */
  readonly codes: readonly (ErrorCode | undefined)[];
  /** The failing operation's error. */
  override readonly cause: ZooKeeperError;

  constructor(failedIndex: number, error: ZooKeeperError, count: number) {
    super(error.code, `transaction, operation ${failedIndex}: ${error.message}`, {
      labels: error.labels,
    });
    this.failedIndex = failedIndex;
    this.codes = Array.from({ length: count }, (_, index) =>
      index === failedIndex ? error.code : undefined,
    );
    this.cause = error;
  }
}

export const isNoNode = (error: unknown): boolean => hasCode(error, 'ZK_NO_NODE');
export const isNodeExists = (error: unknown): boolean => hasCode(error, 'ZK_NODE_EXISTS');
export const isBadVersion = (error: unknown): boolean => hasCode(error, 'ZK_BAD_VERSION');
export const isNotEmpty = (error: unknown): boolean => hasCode(error, 'ZK_NOT_EMPTY');
export const isSessionExpired = (error: unknown): boolean => hasCode(error, 'ZK_SESSION_EXPIRED');
/** Whether the call may or may not have taken effect. */
export const isAmbiguous = (error: unknown): boolean => hasLabel(error, 'ambiguous');
