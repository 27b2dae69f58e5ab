/** One HTTP request to IBM and its whole answer; tells of it, and sorts what goes wrong. */
import type { Clock } from '../../../base/clock.ts';
import { packageVersion } from '../../../base/version.ts';
import { throwIfAborted } from '../../../base/wait.ts';
import type { HttpDone } from '../../driver.ts';
import { noAnswerError } from './connection-errors.ts';
import type { Refusal } from './errors.ts';
import type { Fetch } from './http.ts';

export interface ExchangeOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  /** For `onHttp` and messages. */
  readonly service: string;
  /** What is asked for, for messages; without secrets. */
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Resolves with the answer, whatever its status. Rejects sorted where there is none. */
export async function exchange(
  { fetch, clock, onHttp }: ExchangeOptions,
  { method, url, service, subject, headers, body }: Request,
  signal: AbortSignal,
): Promise<Answer> {
  throwIfAborted(signal);
  const began = clock.monotonic();
  let status: number | undefined;
  try {
    const response = await fetch(url, {
      ...{ method, redirect: 'manual', signal },
      headers: { 'user-agent': `nodepool-ts/${packageVersion()}`, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    ({ status } = response);
    return { status, headers: new Headers([...response.headers]), text };
  } catch (error) {
    throwIfAborted(signal);
    throw noAnswerError(`${method} ${service} ${subject}`, new URL(url).origin, error);
  } finally {
    onHttp?.({ service, method, status, durationMs: clock.monotonic() - began });
  }
}

/** What the table of errors looks at. */
export function refusalOf(
  { method, service, subject }: Request,
  { status, headers, text }: Answer,
): Refusal {
  return {
    ...{ call: `${method} ${service} ${subject}`, isReading: method === 'GET', status, text },
    retryAfter: headers.get('retry-after'),
    requestId: headers.get('x-request-id') ?? headers.get('x-correlation-id') ?? undefined,
  };
}
