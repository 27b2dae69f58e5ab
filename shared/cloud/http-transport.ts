/**
 * One HTTP request and its whole answer. Knows nothing of tokens and services.
 *
 * Redirects are followed where they stay with the same server and only for reading: the token must go
 * to nobody else. 300 is an answer: keystone and glance list their versions with it.
 */
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/wait.ts';

/** What is given to `fetch`; a part of the standard's RequestInit. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly duplex?: 'half';
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** A part of the standard's Response. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null } & Iterable<[string, string]>;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** Whom and what, for messages; without secrets. */
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the text; undefined: it is none. */
  readonly body: unknown;
}

/** One request and the end of its answer, for metrics. */
export interface HttpSent {
  readonly service: string;
  readonly method: string;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** What it means that there was no answer. `call`: method and subject; `origin`: whom we called. */
export type NoAnswer = (call: string, origin: string, error: unknown) => Error;

/** Listings are paged, so no honest answer is longer. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export class Transport {
  readonly #fetch: Fetch;
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #onHttp: (request: HttpSent) => void;
  readonly #noAnswer: NoAnswer;

  constructor(options: {
    readonly fetch: Fetch;
    readonly userAgent: string;
    readonly clock: Clock;
    /** Is told of each request. */
    readonly onHttp?: ((request: HttpSent) => void) | undefined;
    readonly noAnswer: NoAnswer;
  }) {
    this.#fetch = options.fetch;
    this.#userAgent = options.userAgent;
    this.#clock = options.clock;
    this.#onHttp = options.onHttp ?? ((): void => undefined);
    this.#noAnswer = options.noAnswer;
  }

  /** Resolves with the answer, whatever its status. Rejects where there is none, or with the abort. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let { url } = request;
    for (let count = 0; ; count++) {
      const answer = await this.#once({ ...request, url }, signal);
      const next = redirectTarget(request.method, url, answer);
      if (next === undefined || count === MOST_REDIRECTS) return answer;
      url = next;
    }
  }

  async #once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, url, subject, body } = request;
    throwIfAborted(signal);
    const began = this.#clock.monotonic();
    let status: number | undefined;
    try {
      const response = await this.#fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...request.headers,
        },
        ...(body !== undefined && { body }),
        ...(body !== undefined && typeof body !== 'string' && { duplex: 'half' as const }),
        redirect: 'manual',
        signal,
      });
      const text = await readText(response.body);
      ({ status } = response);
      const headers = new Headers([...response.headers]);
      return { status, headers, text, body: parsed(text) };
    } catch (error) {
      throwIfAborted(signal);
      throw this.#noAnswer(`${method} ${subject}`, new URL(url).origin, error);
    } finally {
      // The subject's first word is the service.
      const service = /^[^ ]*/.exec(subject)?.[0] ?? '';
      this.#onHttp({ service, method, status, durationMs: this.#clock.monotonic() - began });
    }
  }
}

/** Undefined: the answer is none that leads on, or it leads elsewhere. */
function redirectTarget(method: string, url: string, answer: HttpAnswer): string | undefined {
  if (!REDIRECTS.includes(answer.status) || (method !== 'GET' && method !== 'HEAD'))
    return undefined;
  const location = answer.headers.get('location');
  if (location === null || !URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  return target.origin === new URL(url).origin ? target.href : undefined;
}

class TooLongError extends Error {
  readonly code = 'NP_ANSWER_TOO_LONG';
}

async function readText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new TooLongError(`an answer of more than ${MOST_BYTES} bytes`);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join('');
}

/** Undefined: no JSON. A proxy between us and the cloud answers with HTML. */
function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
