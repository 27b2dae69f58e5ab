/**
 * What Azure's refusals mean: status, code and words become the codes by which the launcher decides.
 * The one place where texts of the cloud are looked at. The first row that fits counts:
 *
 *   401                                     NP_CLOUD_TRANSIENT: the token was just renewed
 *   429; 503 with Retry-After               SlowDownError: repeated when Azure says so
 *   a code or text of quota, not with 404   NP_CLOUD_QUOTA: the request waits
 *   a code of no room                       NP_CLOUD_CAPACITY: an attempt
 *   404                                     NP_CLOUD_NOT_FOUND
 *   408, 409, 412, 423, 425; codes of what  NP_CLOUD_TRANSIENT: it may be otherwise soon
 *     is in use or being changed
 *   other 3xx and 4xx                       NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                        NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                           `ambiguous` where the call changes something,
 *                                           `unreachable` with 502, 503 and 504
 *
 * Codes: learn.microsoft.com, "Resolve errors for SKU not available", "... for resource quotas",
 * "Troubleshoot allocation failures", "Throttling errors"; ARM's error object (code, message,
 * details, innererror).
 */
import { CloudError, type ErrorLabel } from '../../../base/errors.ts';
import { refusalText } from '../../../cloud/answer-words.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { wordsOf, type Words } from './words.ts';

/** An answer that is none of those that the caller expects. */
export interface Refusal {
  /** Method, service and subject, for the message: `PUT compute virtualMachines/np0000000001`. */
  readonly call: string;
  readonly isReading: boolean;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly requestId: string | undefined;
  /** The whole body. */
  readonly text: string;
}

const QUOTA_CODES: readonly RegExp[] = [
  // QuotaExceeded, ResourceQuotaExceeded, PublicIPCountLimitReached, MaxDisksLimitExceeded, ...
  /(Quota|Limit)(Exceeded|Reached)$/,
  // A subnet without a free address: nodes that go make room.
  /^SubnetIsFull$/,
];

/** OperationNotAllowed is said of much else, too. */
const QUOTA_TEXTS: readonly RegExp[] = [
  /\bexceed(s|ed|ing)?\b.*\bquota\b/i,
  /\bquota\b.*\bexceed(s|ed|ing)?\b/i,
  /\bquota limit\b/i,
];

const CAPACITY_CODES: ReadonlySet<string> = new Set([
  ...['SkuNotAvailable', 'AllocationFailed', 'ZonalAllocationFailed', 'AllocationTimeout'],
  ...['OverconstrainedAllocationRequest', 'OverconstrainedZonalAllocationRequest'],
  ...['CapacityNotAvailable', 'NotAvailableForSubscriptionInZone', 'AvailabilityZoneNotSupported'],
]);

/** Said with 400 of what is only so for now. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  ...['NicInUse', 'InUse', 'PublicIPAddressCannotBeDeleted', 'NicReservedForAnotherVm'],
  ...['AnotherOperationInProgress', 'RetryableError', 'OperationPreempted', 'Canceled'],
  ...['ReferencedResourceNotProvisioned', 'CanceledAndSupersededDueToAnotherOperation'],
]);

const PASSING_STATUSES: readonly number[] = [408, 423, 425];

/** Something is in the way of the call: it is there already, or is being changed. */
class ConflictError extends CloudError {
  constructor(message: string) {
    super('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
    // To all others it is a sorted error like any.
    this.name = CloudError.name;
  }
}

const CONFLICT_STATUSES: readonly number[] = [409, 412];

/** What proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { status, isReading, retryAfter } = refusal;
  const words = wordsOf(refusal.text);
  const message = messageFor(refusal, words);
  if (status === 401) return tokenError(message);
  if (status === 429 || (status === 503 && retryAfter !== null))
    return new SlowDownError(message, retryAfterMs(retryAfter, nowMs));
  const sorted = status === 404 ? undefined : roomError(words, message);
  if (sorted !== undefined) return sorted;
  if (status === 404)
    return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
  if (CONFLICT_STATUSES.includes(status)) return new ConflictError(message);
  const isPassing = words.codes.some((code) => PASSING_CODES.has(code));
  if (isPassing || PASSING_STATUSES.includes(status)) return transientError(message, ['retryable']);
  if (status >= 300 && status < 500) return fatalError(status, message);
  const labels: ErrorLabel[] = isReading ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status)) labels.push('unreachable');
  return transientError(message, labels);
}

/** Why an operation failed that Azure had accepted; `code` and `message` as it said them. */
export function failureError(subject: string, code: string, message: string): CloudError {
  const words: Words = { codes: code.split('/'), message };
  const text = `${subject}: ${[code, message].filter((one) => one !== '').join(': ') || 'Azure gives no reason'}`;
  return roomError(words, text) ?? transientError(text, ['retryable']);
}

/** The long-running operation's failure in the words of Microsoft's library. */
const FAILED_OPERATION = /^The long-running operation has failed(?:\. ([\w/]+)\. (.*))?$/s;

/** Undefined: what was thrown is not the failure of an operation, but of a call. */
export function operationFailure(error: unknown): CloudError | undefined {
  if (error instanceof CloudError || !(error instanceof Error)) return undefined;
  const failed = FAILED_OPERATION.exec(error.message);
  if (failed !== null) return failureError('operation failed', failed[1] ?? '', failed[2] ?? '');
  if (error.message === 'Operation was canceled')
    return transientError('operation canceled by somebody else', ['retryable']);
  return undefined;
}

/** What a client threw by itself. Its own errors hold requests, so they are not kept. */
export function clientError(error: unknown): unknown {
  if (error instanceof CloudError || !(error instanceof Error)) return error;
  const failure = operationFailure(error);
  if (failure !== undefined) return failure;
  if (error.name !== 'RestError') return error;
  return transientError(`the answer is not understood: ${error.message}`, ['retryable']);
}

/** Quota or capacity. Undefined: neither. */
function roomError({ codes, message: said }: Words, message: string): CloudError | undefined {
  if (codes.some((code) => CAPACITY_CODES.has(code)))
    return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
  const isQuota =
    codes.some((code) => QUOTA_CODES.some((one) => one.test(code))) ||
    QUOTA_TEXTS.some((one) => one.test(said));
  return isQuota ? new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] }) : undefined;
}

/** Call, status, request id and Azure's own words. */
export function refusalMessage(refusal: Refusal): string {
  return messageFor(refusal, wordsOf(refusal.text));
}

function messageFor(refusal: Refusal, { codes, message }: Words): string {
  return refusalText(refusal, codes[0] ?? '', message);
}

function tokenError(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable'],
    hint: 'Azure refuses a fresh token: see whether the service principal is of the right tenant',
  });
}

function transientError(message: string, labels: readonly ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

function fatalError(status: number, message: string): CloudError {
  if (status === 403)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'give the service principal of auth-path a role that allows this in the resource group',
    });
  return new CloudError('NP_CLOUD_FATAL', message);
}

/** Whether a creation was refused because something of that name is there, or on its way out. */
export function isTaken(error: unknown): boolean {
  return error instanceof ConflictError;
}
