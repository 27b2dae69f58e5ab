/**
 * What a cluster's refusals mean: status, reason and words become the codes by which the launcher
 * decides. The one place where texts of the cluster are looked at. The first row that fits counts:
 *
 *   401; 403 to nobody we are known as      NP_CLOUD_TRANSIENT: the credentials were just read anew
 *   429; 503 with Retry-After               SlowDownError: repeated when the cluster says so
 *   "exceeded quota" by more than it has    NP_CLOUD_FATAL: it never fits
 *     in all
 *   "exceeded quota", "cannot create more   NP_CLOUD_QUOTA: the request waits
 *     than ... project"
 *   a quota or a service account that is    NP_CLOUD_TRANSIENT, `isTooEarly`
 *     not there yet
 *   the namespace is being ended            NP_CLOUD_TRANSIENT
 *   403                                     NP_CLOUD_FATAL, `isForbidden`
 *   404 of an object                        NP_CLOUD_NOT_FOUND; to a creation NP_CLOUD_TRANSIENT, as
 *                                           its namespace is gone
 *   404 of an API                           NP_CLOUD_FATAL
 *   404 of somebody else                    NP_CLOUD_TRANSIENT, `unreachable`: a proxy
 *   409 AlreadyExists                       NP_CLOUD_TRANSIENT, `isTaken`
 *   408, 409, 425                           NP_CLOUD_TRANSIENT: it may be otherwise soon
 *   410                                     NP_CLOUD_TRANSIENT, `isExpired`
 *   other 3xx and 4xx                       NP_CLOUD_FATAL: the configuration asks for it
 *   5xx and all else                        NP_CLOUD_TRANSIENT: repeated, then an attempt;
 *                                           `ambiguous` where the call changes something,
 *                                           `unreachable` with 502, 503 and 504
 *
 * Facts: kubernetes.io, API conventions; k8s.io/apimachinery, api/errors; the admission plugins
 * ResourceQuota, ServiceAccount and NamespaceLifecycle; OpenShift, project request limit.
 */
import { CloudError, type ErrorLabel } from '../../../base/errors.ts';
import { refusalText } from '../../../cloud/answer-words.ts';
import { SlowDownError } from '../../../cloud/calls.ts';
import { networkFailure, type NetworkProblem } from '../../../cloud/network-failure.ts';
import { retryAfterMs } from '../../../cloud/retry-after.ts';
import { isMoreThanAll } from './quota-words.ts';
import { statusOf, type Status } from './status.ts';

/** An answer that is an error. */
export interface Refusal {
  /** Method and path, for the message: `POST namespaces`. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly status: number;
  /** The header. */
  readonly retryAfter: string | undefined;
  /** The whole body. */
  readonly text: string;
}

type Kind = 'taken' | 'too-early' | 'forbidden' | 'expired';

/** A refusal that callers tell from others. */
class KindError extends CloudError {
  readonly kind: Kind;

  constructor(kind: Kind, ...[code, message, options]: ConstructorParameters<typeof CloudError>) {
    super(code, message, options);
    this.kind = kind;
    // To all others it is a sorted error like any.
    this.name = CloudError.name;
  }
}

const QUOTA_TEXTS: readonly RegExp[] = [
  /\bexceeded quota\b/i,
  /\bcannot create more than \d+ project/i,
];

/** Said with 403 in the first moments of a namespace. */
const TOO_EARLY_TEXTS: readonly RegExp[] = [
  /\bstatus unknown for quota\b/i,
  /\berror looking up service account\b.*\bnot found\b/i,
  /\bno API token found for service account\b/i,
];

const PASSING_STATUSES: readonly number[] = [408, 409, 425];

/** What proxies say whose service is away. */
const AWAY_STATUSES: readonly number[] = [502, 503, 504];

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { call, status, retryAfter, method } = refusal;
  const said = statusOf(refusal.text);
  const message = refusalText({ call, status }, said.message);
  if (isLoginRefused(refusal)) return loginError(message);
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    return new SlowDownError(message, patienceMs(refusal, said, nowMs));
  if (status === 403) return forbiddenError(said, message);
  if (status === 404) return missingError(refusal, said, message);
  if (status === 409 && said.reason === 'AlreadyExists')
    return new KindError('taken', 'NP_CLOUD_TRANSIENT', message);
  if (status === 410)
    return new KindError('expired', 'NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
  if (PASSING_STATUSES.includes(status)) return transientError(message, ['retryable']);
  if (status >= 300 && status < 500) return new CloudError('NP_CLOUD_FATAL', message);
  const labels: ErrorLabel[] = method === 'GET' ? ['retryable'] : ['retryable', 'ambiguous'];
  if (AWAY_STATUSES.includes(status)) labels.push('unreachable');
  return transientError(message, labels);
}

/** Whether the cluster does not know who we are. What we may do is another matter. */
export function isLoginRefused({ status, text }: Refusal): boolean {
  return status === 401 || (status === 403 && /\bsystem:anonymous\b/.test(text));
}

/**
 * Whether a creation was refused because something of that name is there, perhaps since a first try whose
 * answer was lost, or on its way out.
 */
export function isTaken(error: unknown): boolean {
  return isKind(error, 'taken');
}

/**
 * Whether a creation was refused because the cluster has not got so far: a namespace's default service
 * account, or the sums of a quota, are made a moment after it. Worth a few more tries, a second apart.
 */
export function isTooEarly(error: unknown): boolean {
  return isKind(error, 'too-early');
}

/** Whether we may not do that. */
export function isForbidden(error: unknown): boolean {
  return isKind(error, 'forbidden');
}

/** Whether a listing or a watch refers to what the cluster has forgotten: it begins anew. */
export function isExpired(error: unknown): boolean {
  return isKind(error, 'expired');
}

function isKind(error: unknown, kind: Kind): boolean {
  return error instanceof KindError && error.kind === kind;
}

function patienceMs({ retryAfter }: Refusal, said: Status, nowMs: number): number | undefined {
  if (retryAfter !== undefined) return retryAfterMs(retryAfter, nowMs);
  const { retryAfterSeconds: seconds } = said;
  return seconds === undefined || seconds <= 0
    ? undefined
    : retryAfterMs(String(Math.ceil(seconds)), nowMs);
}

function forbiddenError({ message: words, causes }: Status, message: string): CloudError {
  if (isMoreThanAll(words))
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'the label asks for more than the quota has in all: change either',
    });
  if (QUOTA_TEXTS.some((one) => one.test(words)))
    return new CloudError('NP_CLOUD_QUOTA', message, { labels: ['quota'] });
  // Without `retryable`: repeated by the caller, as a second is needed.
  if (TOO_EARLY_TEXTS.some((one) => one.test(words)))
    return new KindError('too-early', 'NP_CLOUD_TRANSIENT', message);
  if (causes.includes('NamespaceTerminating') || /\bbeing terminated\b/.test(words))
    return transientError(message, []);
  return new KindError('forbidden', 'NP_CLOUD_FATAL', message, {
    hint: 'give the user of the kubeconfig, or the service account, a role that allows this',
  });
}

function missingError({ method }: Refusal, said: Status, message: string): CloudError {
  const isOfApi =
    /^404 page not found$/.test(said.message) ||
    said.message === 'the server could not find the requested resource';
  if (isOfApi)
    return new CloudError('NP_CLOUD_FATAL', message, {
      hint: 'the cluster has no such API: see whether driver and context belong together',
    });
  if (said.reason === undefined) return transientError(message, ['retryable', 'unreachable']);
  if (method === 'POST') return transientError(message, []);
  return new CloudError('NP_CLOUD_NOT_FOUND', message, { labels: ['notFound'] });
}

function loginError(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable'],
    hint: 'the credentials of the kubeconfig are refused: put new ones there, no restart is needed',
  });
}

function transientError(message: string, labels: readonly ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, { labels });
}

const HINTS: Readonly<Record<NetworkProblem, string>> = {
  'no-such-name': 'correct the server in the kubeconfig',
  'not-trusted': "name the cluster's authority in certificate-authority of the kubeconfig",
  'other-name': 'correct the server, or tls-server-name, in the kubeconfig',
  'not-in-time': "see whether the clock is right, and the end of the cluster's certificate",
  'refuses-ours': 'renew client-certificate and client-key of the kubeconfig',
  'no-tls': 'correct the server in the kubeconfig: it does not speak TLS',
};

/** There was no answer. `call`: method and path; `origin`: whom we called. */
export function noAnswerError(
  { call, method }: Pick<Refusal, 'call' | 'method'>,
  origin: string,
  error: unknown,
): CloudError {
  const failure = networkFailure(error);
  const words = failure?.words ?? (error instanceof Error ? error.message : 'no reason given');
  const hint = failure?.problem && HINTS[failure.problem];
  const isAmbiguous = method !== 'GET' && failure?.wasSent !== false;
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from ${origin}: ${words}`, {
    labels: [
      ...(['retryable'] as const),
      ...(isAmbiguous ? (['ambiguous'] as const) : []),
      ...(hint === undefined ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
  });
}

/** An answer that is not what it should be. */
export function answerError(call: string, problem: string): CloudError {
  return transientError(`${call}: ${problem}`, ['retryable', 'ambiguous']);
}
