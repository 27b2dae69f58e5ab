/**
 * The classes of errors. Callers ask by label ("may I try again?"), not by class or text.
 *
 *   NodepoolError > ConfigError, ZooKeeperError, CloudError, InvariantError
 */
import type { ErrorCode } from './error-codes.ts';

/**
 * - `retryable`: the same call may succeed later.
 * - `ambiguous`: it is not known whether the call took effect.
 * - `quota`: the cloud's quota is used up; waits, counts as no attempt.
 * - `capacity`: the cloud has no machine of this kind; try elsewhere.
 * - `notFound`: the object does not exist (any more).
 * - `unreachable`: nobody answers, or only who stands before the service; it may be starting.
 */
export type ErrorLabel =
  'retryable' | 'ambiguous' | 'quota' | 'capacity' | 'notFound' | 'unreachable';

export interface ErrorOptions {
  readonly labels?: readonly ErrorLabel[];
  /** What the operator can do, where it is more than the registry's remedy. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The same in every copy of this module: a driver from outside the tree may bring its own. */
const BRAND = Symbol.for('nodepool-ts.error');

export class NodepoolError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly labels: readonly ErrorLabel[];
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.labels = options.labels ?? [];
    this.hint = options.hint;
  }
}

export class ConfigError extends NodepoolError {}
export class ZooKeeperError extends NodepoolError {}
export class CloudError extends NodepoolError {}

/** A broken promise of the program to itself: fatal to the task, never to the daemon. */
export class InvariantError extends NodepoolError {
  constructor(message: string, cause?: unknown) {
    super('NP_INVARIANT', message, { cause });
  }
}

/** Whether an error, or one of its causes, carries the label. */
export function hasLabel(error: unknown, label: ErrorLabel): boolean {
  return findError(error, (one) => one.labels.includes(label)) !== undefined;
}

/** Whether an error, or one of its causes, has the code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return findError(error, (one) => one.code === code) !== undefined;
}

/** Whether a driver sorted the error itself. */
export function isCloudError(error: unknown): error is CloudError {
  return isNodepoolError(error) && error.name === CloudError.name;
}

function isNodepoolError(error: unknown): error is NodepoolError {
  return error instanceof Error && BRAND in error;
}

/** The longest chain of causes that is followed; more than this is a loop. */
const MAX_CAUSES = 16;

function findError(
  error: unknown,
  test: (error: NodepoolError) => boolean,
): NodepoolError | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    if (isNodepoolError(current) && test(current)) return current;
    current = current.cause;
  }
  return undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
