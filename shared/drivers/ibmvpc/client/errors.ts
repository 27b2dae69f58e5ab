/**
 * What IBM's refusals mean: status, code and words become the codes by which the launcher decides.
 * The one place where texts of the cloud are looked at. The first row that fits counts:
 *
 *   401                                     NP_CLOUD_TRANSIENT: the token was just renewed
 *   429; 503 with Retry-After               SlowDownError: repeated when IBM says so
 *   a code of no room, not with 404         NP_CLOUD_CAPACITY: an attempt
 *   a code or text of quota, not with 404   NP_CLOUD_QUOTA: the request waits
 *   404                                     NP_CLOUD_NOT_FOUND
 *   409; codes of a name that is taken      NP_CLOUD_TRANSIENT: it may be otherwise soon
 *   408, 412, 423, 425; codes of what is    NP_CLOUD_TRANSIENT: it may be otherwise soon
 *     in use or being changed
 *   other 3xx and 4xx                       NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                        NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                           `ambiguous` where the call changes something,
 *                                           `unreachable` with 502, 503 and 504
 *
 * Facts: cloud.ibm.com/apidocs/vpc, "Error handling" (`errors[].code`, `trace`); its status reasons.
 */
import { CloudError, type ErrorLabel } from '../../../base/errors.ts';
import { refusalText } from '../../../cloud/answer-words.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import type { HttpAnswer, HttpRequest } from '../../../cloud/http-transport.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { wordsOf, type Words } from './words.ts';

/** An answer that is none of those that the caller expects. */
export interface Refusal {
  /** Method, service and subject, for the message: `POST vpc instances`. */
  readonly call: string;
  readonly isReading: boolean;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly requestId: string | undefined;
  /** The whole body. */
  readonly text: string;
}

/** What an answer that is none of those holds of interest. */
export function refusalOf(
  { method, subject }: Pick<HttpRequest, 'method' | 'subject'>,
  { status, headers, text }: Pick<HttpAnswer, 'status' | 'headers' | 'text'>,
): Refusal {
  return {
    ...{ call: `${method} ${subject}`, isReading: method === 'GET', status, text },
    retryAfter: headers.get('retry-after'),
    requestId: headers.get('x-request-id') ?? headers.get('x-correlation-id') ?? undefined,
  };
}

const QUOTA_CODES: readonly RegExp[] = [/(^|_)over_quota/, /quota(_limit)?_(exceeded|reached)$/];

const QUOTA_TEXTS: readonly RegExp[] = [
  /\bexceed(s|ed|ing)?\b.*\bquota\b/i,
  /\bquota\b.*\b(exceed(s|ed|ing)?|reached)\b/i,
];

/**
 * Status reasons of a machine that could not be started (`cannot_start_capacity`, ...), and refusals; but
 * rights that do not suffice are the configuration's.
 */
const CAPACITY_CODES: readonly RegExp[] = [
  /^cannot_start_(\w+_)?capacity$/,
  /^insufficient_(?!permission|scope|privilege|auth|access)/,
];

/** Of a name that something has already. */
const TAKEN_CODES: ReadonlySet<string> = new Set(['validation_unique_failed', 'not_unique']);

/** Said with 400 of what is only so for now. */
const PASSING_CODES: readonly RegExp[] = [/_in_use$/, /_pending/, /^(conflict|resource_locked)/];

const PASSING_STATUSES: readonly number[] = [408, 412, 423, 425];

/** Something has the name already. */
class TakenError extends CloudError {
  constructor(message: string) {
    super('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
    // To all others it is a sorted error like any.
    this.name = CloudError.name;
  }
}

/** What proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { status, isReading, retryAfter } = refusal;
  const words = wordsOf(refusal.text);
  const message = messageFor(refusal, words);
  if (status === 401) return tokenError(message);
  if (status === 429 || (status === 503 && retryAfter !== null))
    return new SlowDownError(
      message,
      retryAfter === null ? undefined : retryAfterMs(retryAfter, nowMs),
    );
  const sorted = status === 404 ? undefined : roomError(words, message);
  if (sorted !== undefined) return sorted;
  if (status === 404)
    return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
  if (status === 409 || words.codes.some((code) => TAKEN_CODES.has(code)))
    return new TakenError(message);
  if (PASSING_STATUSES.includes(status) || isOneOf(words, PASSING_CODES))
    return transientError(message, ['retryable']);
  if (status >= 300 && status < 500) return fatalError(status, message);
  const labels: ErrorLabel[] = isReading ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status)) labels.push('unreachable');
  return transientError(message, labels);
}

/** Why something that IBM had begun to make failed: reasons as it tells them. */
export function failureError(
  subject: string,
  reasons: readonly { readonly code: string; readonly message: string }[],
): CloudError {
  const words: Words = {
    codes: reasons.map(({ code }) => code),
    message: reasons.map(({ code, message }) => `${code}: ${message}`).join('; '),
  };
  const text = `${subject}: ${words.message || 'IBM gives no reason'}`;
  return roomError(words, text) ?? transientError(text, ['retryable']);
}

/** Quota or capacity. Undefined: neither. */
function roomError(words: Words, message: string): CloudError | undefined {
  if (isOneOf(words, CAPACITY_CODES))
    return new CloudError('NP_CLOUD_CAPACITY', message, { labels: ['capacity'] });
  const isQuota = isOneOf(words, QUOTA_CODES) || QUOTA_TEXTS.some((one) => one.test(words.message));
  return isQuota ? new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] }) : undefined;
}

function isOneOf({ codes }: Words, patterns: readonly RegExp[]): boolean {
  return codes.some((code) => patterns.some((one) => one.test(code)));
}

/** Call, status, request id and IBM's own words. */
export function refusalMessage(refusal: Refusal): string {
  return messageFor(refusal, wordsOf(refusal.text));
}

function messageFor(refusal: Refusal, { codes, message }: Words): string {
  return refusalText(refusal, codes[0] ?? '', message);
}

function tokenError(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable'],
    hint: 'IBM refuses a fresh token: see whether the API key is of the right account',
  });
}

function transientError(message: string, labels: readonly ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

function fatalError(status: number, message: string): CloudError {
  if (status === 403)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: "give the API key's owner the roles that allow this in the resource groups of the provider",
    });
  return new CloudError('NP_CLOUD_FATAL', message);
}

/** Undefined where a creation is refused because something has the name. */
export async function unlessTaken<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TakenError) return undefined;
    throw error;
  }
}
