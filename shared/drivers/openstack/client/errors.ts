/**
 * What the cloud's refusals mean: status and words become the codes by which the launcher decides.
 * The one place where texts of the cloud are looked at. The first row that fits counts:
 *
 *   401                                          NP_CLOUD_TRANSIENT: the token was just renewed
 *   a text of quota, but not with 404 and 429    NP_CLOUD_QUOTA: the request waits
 *   a text of no room                            NP_CLOUD_CAPACITY: an attempt
 *   429; 413 and 503 with Retry-After            SlowDownError: repeated when the cloud says so
 *   404                                          NP_CLOUD_NOT_FOUND
 *   408, 409, 423, 425                           NP_CLOUD_TRANSIENT: it may be otherwise soon
 *   other 3xx and 4xx                            NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                             NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                                `ambiguous` where the call changes something,
 *                                                `unreachable` with 502, 503 and 504
 *
 * Texts: nova/exception.py and compute/api.py, neutron_lib/exceptions, cinder/exception.py.
 */
import { CloudError, type ErrorLabel } from '../../../base/errors.ts';
import { refusalText } from '../../../cloud/answer-words.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { wordsOf } from './words.ts';

/** An answer that is none of those that the caller expects. */
export interface Refusal {
  readonly method: string;
  /** Service and path without its query, for the message: `compute servers/detail`. */
  readonly subject: string;
  readonly status: number;
  readonly headers: Headers;
  /** The JSON, if it is any. */
  readonly body: unknown;
  readonly text: string;
  /** What must not be shown, should the answer repeat it. */
  readonly secrets?: readonly string[];
}

const QUOTA_TEXTS: readonly RegExp[] = [
  // "Quota exceeded for instances: ...", "Quota limit exceeded", "... exceeds allowed ... quota".
  /\bquota( limit)?s? (has been |is |was )?exceeded/i,
  /\bexceed(s|ed|ing)?\b.*\bquota/i,
  /\bnumber of (ports|fixed ips|floating ips|volumes|security groups|instances)\b.* exceeded/i,
  /\b(OverQuota|PortLimitExceeded|VolumeLimitExceeded|VolumeSizeExceedsAvailableQuota)\b/,
];

const CAPACITY_TEXTS: readonly RegExp[] = [
  /\bno valid host/i,
  /\bnot enough hosts/i,
  /\bexhausted all hosts/i,
  /\bexceeded max(imum)?( number of)?( scheduling)? (retries|attempts)/i,
  // Networks without a free address.
  /\bno more IP addresses available/i,
  /\bno (fixed|free) IP addresses available/i,
  /\b(NoValidHost|MaxRetriesExceeded|IpAddressGenerationFailure|ExternalIpAddressExhausted)\b/,
];

const PASSING_STATUSES: readonly number[] = [408, 409, 423, 425];

/** What proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { method, status, headers } = refusal;
  const words = wordsOf(refusal.body, refusal.text, refusal.secrets);
  const message = messageFor(refusal, words.message);
  const said = `${words.type} ${words.message}`;
  const retryAfter = headers.get('retry-after');
  if (status === 401) return tokenError(message);
  if (status !== 404 && status !== 429 && fits(QUOTA_TEXTS, said)) return quotaError(message);
  if (fits(CAPACITY_TEXTS, said)) return capacityError(message);
  if (status === 429 || ([413, 503].includes(status) && retryAfter !== null))
    return new SlowDownError(message, retryAfterMs(retryAfter, nowMs));
  if (status === 404)
    return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
  if (PASSING_STATUSES.includes(status)) return transientError(message, ['retryable']);
  if (status >= 300 && status < 500) return fatalError(status, message);
  const isReading = method === 'GET' || method === 'HEAD';
  const labels: ErrorLabel[] = isReading ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status)) labels.push('unreachable');
  return transientError(message, labels);
}

/** Why a server is in state ERROR, in nova's own words (`fault` of the server). */
export function faultError(
  serverId: string,
  fault: { readonly message?: string; readonly details?: string } | null | undefined,
): CloudError {
  const { message } = wordsOf(undefined, fault?.message ?? '');
  const text = `server ${serverId} is in state ERROR: ${message || 'nova gives no reason'}`;
  const said = `${message} ${fault?.details ?? ''}`;
  // A fault is about this server alone: unlike in a refusal, the word itself tells.
  if (/quota/i.test(said) || fits(QUOTA_TEXTS, said)) return quotaError(text);
  if (fits(CAPACITY_TEXTS, said)) return capacityError(text);
  return transientError(text, ['retryable']);
}

/** Call, status, request id and the cloud's own words. */
export function refusalMessage(refusal: Refusal): string {
  return messageFor(refusal, wordsOf(refusal.body, refusal.text, refusal.secrets).message);
}

function fits(texts: readonly RegExp[], said: string): boolean {
  return texts.some((text) => text.test(said));
}

function messageFor({ method, subject, status, headers }: Refusal, words: string): string {
  const id = headers.get('x-openstack-request-id') ?? headers.get('x-compute-request-id');
  return refusalText({ call: `${method} ${subject}`, status, requestId: id ?? undefined }, words);
}

function tokenError(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable'],
    hint: 'the service refuses a fresh token: see whether it can reach keystone',
  });
}

function quotaError(message: string): CloudError {
  return new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] });
}

function capacityError(message: string): CloudError {
  return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
}

function transientError(message: string, labels: readonly ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

function fatalError(status: number, message: string): CloudError {
  if (status === 403)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'give the user of clouds.yaml a role that allows this in its project',
    });
  if (status < 400)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'the address of the service has changed: correct it in the catalog or in clouds.yaml',
    });
  return new CloudError('NP_CLOUD_FATAL', message);
}
