/**
 * What Google's refusals mean: status, reason and words become the codes by which the launcher decides.
 * The one place where texts of the cloud are looked at. The first row that fits counts:
 *
 *   401                                     NP_CLOUD_TRANSIENT: the token was just renewed
 *   429; 503 with Retry-After; a reason of  SlowDownError: repeated when Google says so, or with
 *     too many calls                        growing pauses
 *   a reason of no room, not with 404       NP_CLOUD_CAPACITY: an attempt
 *   a reason or text of quota, not with 404 NP_CLOUD_QUOTA: the request waits
 *   404                                     NP_CLOUD_NOT_FOUND
 *   408, 409, 412, 423, 425; reasons of     NP_CLOUD_TRANSIENT: it may be otherwise soon
 *     what is in use or not ready
 *   other 3xx and 4xx                       NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                        NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                           `ambiguous` where the call changes something,
 *                                           `unreachable` with 502, 503 and 504
 *
 * An operation that failed goes by its codes, and by the status that it would have had as a call.
 *
 * Reasons and codes: cloud.google.com/compute/docs/api/troubleshooting,
 * .../troubleshooting/troubleshooting-vm-creation, .../resource-error.
 */
import { CloudError, type ErrorLabel } from '../../../base/errors.ts';
import { refusalText } from '../../../cloud/answer-words.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { wordsOf, type Words } from './words.ts';

/** An answer that is no success. */
export interface Refusal {
  /** Method, service and subject, for the message: `POST compute zones/europe-west1-b/instances`. */
  readonly call: string;
  readonly method: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The whole body. */
  readonly text: string;
}

const SLOW_DOWN_REASONS: ReadonlySet<string> = new Set([
  ...['rateLimitExceeded', 'userRateLimitExceeded', 'concurrentLimitExceeded'],
  ...['RATE_LIMIT_EXCEEDED', 'resourceOperationRateExceeded', 'RESOURCE_OPERATION_RATE_EXCEEDED'],
]);

/** zoneResourcePoolExhausted, ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS, stockout, ... */
const CAPACITY_REASONS: readonly RegExp[] = [
  /resource_?pool_?exhausted/i,
  /^(stockout|insufficient_?capacity|resource_?availability)/i,
];

const QUOTA_REASONS: readonly RegExp[] = [
  /^quota_?exceeded$/i,
  /^limit_?exceeded$/i,
  // A network without a free address: nodes that go make room.
  /^ip_?space_?exhausted/i,
];

const QUOTA_TEXTS: readonly RegExp[] = [
  /^quota '?[\w-]+'? exceeded\b/i,
  /\bquota\b.*\bexceeded\b.*\blimit: /i,
];

/** Said with 400 and 403 of what is only so for now. */
const PASSING_REASONS: ReadonlySet<string> = new Set([
  ...['resourceNotReady', 'RESOURCE_NOT_READY', 'resourceInUseByAnotherResource'],
  ...['RESOURCE_IN_USE_BY_ANOTHER_RESOURCE', 'backendError', 'internalError', 'INTERNAL_ERROR'],
  // Of the token service.
  ...['temporarily_unavailable', 'server_error', 'internal_failure'],
  ...['dailyLimitExceeded', 'OPERATION_CANCELED_BY_USER', 'operationCanceledByUser'],
]);

const PASSING_STATUSES: readonly number[] = [408, 409, 412, 423, 425];

/** Statuses by which an operation's failure is the configuration's. */
const FATAL_STATUSES: readonly number[] = [400, 403, 404];

/** What proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** Refusals that their callers want to see; to all others they are sorted errors like any. */
class SpecialError extends CloudError {
  readonly kind: 'taken' | 'not-ready';

  constructor(kind: SpecialError['kind'], message: string) {
    super('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
    this.name = CloudError.name;
    this.kind = kind;
  }
}

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { status, method, headers } = refusal;
  const words = wordsOf(refusal.text);
  const message = refusalMessage(refusal);
  const retryAfter = headers.get('retry-after');
  if (status === 401) return tokenError(message);
  const isTooFast = words.reasons.some((reason) => SLOW_DOWN_REASONS.has(reason));
  if (status === 429 || isTooFast || (status === 503 && retryAfter !== null))
    return new SlowDownError(
      message,
      retryAfter === null ? undefined : retryAfterMs(retryAfter, nowMs),
    );
  const sorted = status === 404 ? undefined : roomError(words, message);
  if (sorted !== undefined) return sorted;
  if (status === 404)
    return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
  if (words.reasons.includes('alreadyExists')) return new SpecialError('taken', message);
  if (words.reasons.includes('resourceNotReady')) return new SpecialError('not-ready', message);
  const isPassing = words.reasons.some((reason) => PASSING_REASONS.has(reason));
  if (isPassing || PASSING_STATUSES.includes(status)) return transientError(message, ['retryable']);
  if (status >= 300 && status < 500) return fatalError(status, words, message);
  const labels: ErrorLabel[] = method === 'GET' ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status)) labels.push('unreachable');
  return transientError(message, labels);
}

/** Why an operation failed that Google had accepted. `status`: what the call would have had. */
export function failureError(
  subject: string,
  errors: readonly {
    readonly code?: string | null | undefined;
    readonly message?: string | null | undefined;
  }[],
  status: number | null | undefined,
): CloudError {
  const reasons = errors.map(({ code }) => code ?? '').filter((code) => code !== '');
  const said = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '));
  const text = `${subject}: ${said.filter((one) => one !== '').join('; ') || 'Google gives no reason'}`;
  const message = errors.map((one) => one.message ?? '').join(' ');
  const sorted = roomError({ reasons, message }, text);
  if (sorted !== undefined) return sorted;
  const isPassing = reasons.some(
    (reason) => PASSING_REASONS.has(reason) || SLOW_DOWN_REASONS.has(reason),
  );
  if (!isPassing && FATAL_STATUSES.includes(status ?? 0))
    return new CloudError('NP_CLOUD_FATAL', text);
  return transientError(text, ['retryable']);
}

/** What a client threw by itself. Its own errors may hold requests, so they are not kept. */
export function clientError(error: unknown): unknown {
  if (error instanceof CloudError || !(error instanceof Error)) return error;
  if (error.name === 'NodepoolError' || error.name === 'InvariantError') return error;
  return transientError(`the answer is not understood: ${error.message.slice(0, 200)}`, [
    'retryable',
    'ambiguous',
  ]);
}

/** Call, status and Google's own words. */
export function refusalMessage({ call, status, text }: Refusal): string {
  const { reasons, message } = wordsOf(text);
  return refusalText({ call, status }, reasons[0] ?? '', message);
}

/** Capacity or quota. Undefined: neither. */
function roomError({ reasons, message: said }: Words, message: string): CloudError | undefined {
  const fits = (patterns: readonly RegExp[]): boolean =>
    reasons.some((reason) => patterns.some((one) => one.test(reason)));
  if (fits(CAPACITY_REASONS))
    return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
  const isQuota = fits(QUOTA_REASONS) || QUOTA_TEXTS.some((one) => one.test(said));
  return isQuota ? new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] }) : undefined;
}

function tokenError(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable'],
    hint: 'Google refuses a fresh token: see whether the account still exists',
  });
}

function transientError(message: string, labels: readonly ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

function fatalError(status: number, { reasons }: Words, message: string): CloudError {
  const isOff = reasons.some((one) => one === 'accessNotConfigured' || one === 'SERVICE_DISABLED');
  if (isOff)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'enable the Compute Engine API of the project',
    });
  if (status === 403)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'give the account a role that allows this in the project: Compute Instance Admin (v1)',
    });
  return new CloudError('NP_CLOUD_FATAL', message);
}

/** Whether a creation failed because the name is taken. */
export function isTaken(error: unknown): boolean {
  return error instanceof SpecialError && error.kind === 'taken';
}

/** Whether Google does something else with the thing, and cannot take the order now. */
export function isNotReady(error: unknown): boolean {
  return error instanceof SpecialError && error.kind === 'not-ready';
}
