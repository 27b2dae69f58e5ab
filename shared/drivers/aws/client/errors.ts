/**
 * What AWS's refusals mean: its error codes become the codes by which the launcher decides. The one
 * place where AWS's codes and texts are looked at. The first row that fits counts:
 *
 *   Throttling, RequestLimitExceeded, 429, ...   SlowDownError: repeated after pauses that grow
 *   wrong or expired credentials                 NP_CLOUD_FATAL, after new ones were looked for
 *   a limit of the account                       NP_CLOUD_QUOTA: the request waits
 *   no room in the zone                          NP_CLOUD_CAPACITY: an attempt
 *   *.NotFound, *.Malformed and their like       NP_CLOUD_NOT_FOUND; to a creation NP_CLOUD_TRANSIENT
 *                                                for what we made ourselves and AWS does not show
 *                                                yet, NP_CLOUD_FATAL for the rest
 *   a state that passes, a wrong clock           NP_CLOUD_TRANSIENT
 *   other 3xx and 4xx                            NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                             NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                                `ambiguous` where the call changes something,
 *                                                `unreachable` with 502, 503 and 504
 *
 * Facts: docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, and those of S3, EBS
 * direct and Service Quotas.
 */
import type { Instance } from '@aws-sdk/client-ec2';

import { CloudError, hasLabel, type ErrorLabel } from '../../../base/errors.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { hintFor } from './hints.ts';
import { shownWords } from './words.ts';

/** An answer of AWS that is an error. */
export interface Refusal {
  /** AWS's name of the call: `RunInstances`. */
  readonly call: string;
  readonly isReading: boolean;
  /** AWS's error code: `InvalidInstanceID.NotFound`. */
  readonly code: string;
  /** Of HTTP. Undefined: it stands in an answer that is no error as a whole. */
  readonly status: number | undefined;
  /** For AWS's support. */
  readonly requestId: string | undefined;
  /** AWS's own words. */
  readonly words: string;
  /** The header. */
  readonly retryAfter: string | null;
  /** Whose credentials and region these are, for hints: `provider one`. */
  readonly section: string;
}

const SLOW_DOWN: readonly RegExp[] = [
  /^(Client\.)?RequestLimitExceeded$/,
  /Throttl/,
  /^(TooManyRequestsException|SlowDown|BandwidthLimitExceeded|ConcurrentLimitExceededException)$/,
  /^SnapshotCreationPerVolumeRateExceeded$/,
];

const CREDENTIALS: readonly RegExp[] = [
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|TokenRefreshRequired)/,
  /^(ExpiredToken|RequestExpired|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/,
  /^(MissingAuthenticationToken|MissingSecurityHeader|MissingSecurityElement|OptInRequired)/,
];

const QUOTA: readonly RegExp[] = [
  /^(?!Tag|Filter).*LimitExceeded$/,
  /^MaxSpotInstanceCountExceeded$/,
  /^InsufficientFreeAddressesInSubnet$/,
  /^(ServiceQuotaExceeded|LimitExceeded)(Exception)?$/,
];

const CAPACITY: readonly RegExp[] = [
  /^Insufficient.*Capacity/,
  /^UnfulfillableCapacity$/,
  /^SpotMaxPriceTooLow$/,
  /^SpotInstance(Shutdown|Termination)$/,
];

const GONE: readonly RegExp[] = [
  /NotFound(Exception)?$/,
  /^Invalid\w*I[dD]s?\.(Malformed|Unavailable)$/,
  /^Invalid(ConversionTask|ImportTask)\w*/,
  /^(NoSuchKey|NoSuchUpload|NoSuchResourceException)$/,
];

/** What we make ourselves, and what AWS may not know at once all over. */
const OWN_THINGS = /^Invalid(AMIID|HostID|Snapshot|LaunchTemplate|InstanceID)/;

const PASSING: readonly RegExp[] = [
  /^Incorrect\w*State$/,
  /^(InvalidHostState|DependencyViolation|VolumeInUse|ConcurrentTagAccess|ConflictException)$/,
  /^PendingVerification$/,
  /\.InUse$/,
  // S3.
  /^(OperationAborted|RequestTimeout|BadDigest|IncompleteBody)$/,
];

const WRONG_CLOCK = /^(RequestTimeTooSkewed|RequestInTheFuture|ClockSkew)/;

/** What AWS and proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** Calls that refer to other things: a NotFound is about one of those. */
const CREATIONS: ReadonlySet<string> = new Set([
  ...['RunInstances', 'CreateFleet', 'AllocateHosts', 'CreateLaunchTemplate', 'RegisterImage'],
  ...['ImportSnapshot', 'ImportImage', 'StartSnapshot'],
]);

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { code, status, retryAfter, words } = refusal;
  const message = messageFor(refusal);
  if (fits(SLOW_DOWN, code) || status === 429)
    return new SlowDownError(
      message,
      retryAfter === null ? undefined : retryAfterMs(retryAfter, nowMs),
    );
  const hint = hintFor(refusal);
  const options = hint === undefined ? {} : { hint };
  if (isCredentialRefusal(code, words)) return new CloudError('NP_CLOUD_FATAL', message, options);
  if (fits(QUOTA, code))
    return new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'], ...options });
  if (isCapacity(code, words))
    return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
  if (fits(GONE, code)) return goneError(refusal, message, options);
  if (isPassing(refusal))
    return new CloudError('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'], ...options });
  if (isOurFault(refusal)) return new CloudError('NP_CLOUD_FATAL', message, options);
  return brokenError(refusal, message);
}

/** Whether AWS does not take the credentials; what they may do is another matter. */
export function isCredentialRefusal(code: string, words: string): boolean {
  // The same code says that an image or a key is not ours.
  if (code === 'AuthFailure') return /credential|token|access key/i.test(words);
  return fits(CREDENTIALS, code);
}

/** Whether the code says that there is no such thing. */
export function isGone(code: string | undefined): boolean {
  return code !== undefined && fits(GONE, code);
}

/** Undefined where AWS says that there is no such thing. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasLabel(error, 'notFound')) return undefined;
    throw error;
  }
}

/** An answer that lacks what was asked for. */
export function answerWithout(call: string, what: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: the answer has not ${what}`, {
    labels: ['retryable', 'ambiguous'],
  });
}

/**
 * Why an instance ended or never came up: `StateReason` of AWS, whose codes begin with who is to blame
 * (`Server.InsufficientInstanceCapacity`, `Client.VolumeLimitExceeded`).
 */
export function stoppedError({ InstanceId, State, StateReason: reason }: Instance): CloudError {
  const code = (reason?.Code ?? '').replace(/^(Client|Server)\./, '');
  const words = shownWords(reason?.Message ?? '') || code || 'AWS gives no reason';
  const message = `instance ${InstanceId ?? ''} is ${State?.Name ?? 'gone'}: ${words}`;
  if (fits(QUOTA, code)) return new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] });
  if (fits(CAPACITY, code))
    return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
}

function fits(codes: readonly RegExp[], code: string): boolean {
  return codes.some((pattern) => pattern.test(code));
}

function isCapacity(code: string, words: string): boolean {
  // The same code says that the request can never be served.
  if (code === 'Unsupported') return /availability zone/i.test(words);
  return fits(CAPACITY, code);
}

/** EBS direct calls a block that did not arrive whole a wrong request. */
function isPassing({ code, words }: Refusal): boolean {
  if (code === 'ValidationException') return /failed to read block data/i.test(words);
  return fits(PASSING, code) || WRONG_CLOCK.test(code);
}

function isOurFault({ status, code }: Refusal): boolean {
  if (status === undefined) return !/Internal|Unavailable/.test(code);
  return status >= 300 && status < 500;
}

function goneError(
  { call, code }: Refusal,
  message: string,
  options: { readonly hint?: string },
): CloudError {
  if (!CREATIONS.has(call))
    return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
  if (OWN_THINGS.test(code) && !code.endsWith('.Malformed'))
    return new CloudError('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'], ...options });
  return new CloudError('NP_CLOUD_FATAL', message, options);
}

function brokenError({ isReading, status }: Refusal, message: string): CloudError {
  const labels: ErrorLabel[] = isReading ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status ?? 0)) labels.push('unreachable');
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

/** Call, code, status, request id and AWS's own words. */
function messageFor({ call, code, status, requestId, words }: Refusal): string {
  const id = requestId === undefined ? '' : ` (${requestId})`;
  const facts = [code, status === undefined ? '' : `status ${status}${id}`];
  return [call, facts.filter(Boolean).join(', '), shownWords(words)].filter(Boolean).join(': ');
}
