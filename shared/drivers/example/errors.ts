/**
 * What the example cloud's refusals mean: its status and its words become the codes by which the
 * launcher decides. The one place where texts of the cloud are looked at.
 *
 *   status or code                    becomes
 *   --------------------------------  --------------------------------------------------------
 *   429                               SlowDownError: the call is repeated when the cloud says so
 *   quota-exceeded, or a text of it   NP_CLOUD_QUOTA: the request waits, no attempt is counted
 *   no-capacity                       NP_CLOUD_CAPACITY: an attempt
 *   401, 403                          NP_CLOUD_FATAL, with a hint at the token
 *   404                               NP_CLOUD_NOT_FOUND
 *   other 4xx                         NP_CLOUD_FATAL: the configuration asks for what there is not
 *   5xx and all else                  NP_CLOUD_TRANSIENT: repeated, then an attempt
 */
import { CloudError } from '../../base/errors.ts';
import { SlowDownError } from '../../cloud/calls.ts';
import { retryAfterMs } from '../../cloud/retry-after.ts';

/** An answer that is no success. */
export interface Refusal {
  /** Method and path, for the message. */
  readonly call: string;
  readonly status: number;
  readonly retryAfter: string | null;
  /** The cloud's own name for the error, where it gives one. */
  readonly code: string;
  readonly message: string;
}

/** `nowMs`: since 1970, for a `Retry-After` that is a date. */
export function refusalError(refusal: Refusal, nowMs: number): CloudError {
  const { call, status, code, message } = refusal;
  const text = `${call}: ${message === '' ? `status ${status}` : message}`;
  if (status === 429) return new SlowDownError(text, retryAfterMs(refusal.retryAfter, nowMs));
  if (code === 'quota-exceeded' || /\bquota\b/i.test(message))
    return new CloudError('NP_CLOUD_QUOTA', text, { labels: ['quota'] });
  if (code === 'no-capacity')
    return new CloudError('NP_CLOUD_CAPACITY', text, { labels: ['capacity'] });
  if (status === 401 || status === 403)
    return new CloudError('NP_CLOUD_FATAL', text, {
      hint: 'check EXAMPLE_CLOUD_TOKEN, and what it may do in this project',
    });
  if (status === 404) return new CloudError('NP_CLOUD_NOT_FOUND', text, { labels: ['notFound'] });
  if (status >= 400 && status < 500) return new CloudError('NP_CLOUD_FATAL', text);
  return new CloudError('NP_CLOUD_TRANSIENT', text, { labels: ['retryable'] });
}

/** There was no answer, or none that can be read: the call may have taken effect. */
export function noAnswerError(call: string, cause: unknown): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer`, {
    labels: ['retryable', 'ambiguous'],
    cause,
  });
}

/** Why a machine never came up, in the cloud's own word. */
export function failedMachineError(name: string, reason: string): CloudError {
  const text = `machine ${name} failed: ${reason}`;
  return reason === 'no-capacity'
    ? new CloudError('NP_CLOUD_CAPACITY', text, { labels: ['capacity'] })
    : new CloudError('NP_CLOUD_TRANSIENT', text, { labels: ['retryable'] });
}
