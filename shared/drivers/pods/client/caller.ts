/**
 * Calls to the cluster: each in its turn, under its deadline and repeated as it may be, with credentials
 * that are read anew, once, where they are refused.
 */
import type { Clock } from '../../../base/clock.ts';
import { CloudError } from '../../../base/errors.ts';
import { onAbort, throwIfAborted } from '../../../base/wait.ts';
import { packageVersion } from '../../../base/version.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { HttpDone } from '../../driver.ts';
import { answerError, isLoginRefused, noAnswerError, refusalError } from './errors.ts';
import type { Pass } from './passes.ts';
import type { KubeRequest, KubeResponse, Transport } from './transport.ts';

/** Where passes come from. */
export interface PassSource {
  current(signal: AbortSignal): Promise<Pass>;
  /** Undefined: there was none yet. */
  readonly last: Pass | undefined;
  forget(pass: Pass): void;
}

export interface CallerOptions {
  readonly calls: CloudCalls;
  readonly login: PassSource;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
}

export interface Call {
  readonly method: KubeRequest['method'];
  /** From the server on: `/api/v1/namespaces`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Becomes JSON. */
  readonly body?: unknown;
  /** Many wait for its answer. Default false. */
  readonly isShared?: boolean | undefined;
}

/** An answer that goes on. */
export interface OpenAnswer {
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends it, at our side. */
  readonly end: () => void;
}

/** Listings are paged, so no honest answer is longer. */
const MOST_BYTES = 256 * 1024 * 1024;
const USER_AGENT = `nodepool-ts/${packageVersion()}`;

export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** The answer's JSON, which is an object. */
  async call(call: Call, signal: AbortSignal): Promise<object> {
    return this.#run(call, signal, async (inner) => {
      const text = await this.#accepted(call, inner, (response) =>
        readText(response.body, nameOf(call)),
      );
      return objectOf(text, nameOf(call));
    });
  }

  /** Resolves when the answer has begun; its deadline is over then. */
  async open(call: Call, signal: AbortSignal): Promise<OpenAnswer> {
    return this.#run(call, signal, async (inner) => {
      // The answer outlives the call, and so its signal.
      const life = new AbortController();
      const forget = onAbort(inner, () => {
        life.abort(inner.reason);
      });
      try {
        const body = await this.#accepted(call, life.signal, (response) => response.body);
        return {
          body,
          end: () => {
            life.abort(new CloudError('NP_ABORTED', 'the watch is not needed any more'));
          },
        };
      } finally {
        forget();
      }
    });
  }

  async #run<T>(
    { isShared }: Call,
    signal: AbortSignal,
    work: (inner: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { calls, login } = this.#options;
    // Before the call's turn, so that a renewal is not at the cost of the call's deadline.
    await login.current(signal);
    return calls.run(signal, work, { isShared });
  }

  /** What `read` makes of an answer that is no refusal. */
  async #accepted<T>(
    call: Call,
    signal: AbortSignal,
    read: (response: KubeResponse) => T | Promise<T>,
  ): Promise<T> {
    const { login, clock } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const pass = await login.current(signal);
      const answer = await this.#once(call, pass, signal, read);
      if ('value' in answer) return answer.value;
      const isRefused = isLoginRefused(answer.refusal);
      if (isRefused) login.forget(pass);
      if (!isRefused || !isFirst) throw refusalError(answer.refusal, clock.now());
    }
  }

  async #once<T>(
    call: Call,
    pass: Pass,
    signal: AbortSignal,
    read: (response: KubeResponse) => T | Promise<T>,
  ) {
    const { transport, clock, login, onHttp } = this.#options;
    const { method } = call;
    const began = clock.monotonic();
    let status: number | undefined;
    throwIfAborted(signal);
    try {
      const response = await transport(requestOf(call, pass, signal));
      if (response.status >= 200 && response.status < 300) {
        const value = await read(response);
        ({ status } = response);
        return { value };
      }
      const text = await readText(response.body, nameOf(call));
      ({ status } = response);
      const retryAfter = response.headers['retry-after'];
      return { refusal: { call: nameOf(call), method, status, retryAfter, text } };
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof CloudError) throw error;
      const failure = noAnswerError({ call: nameOf(call), method }, pass.server, error);
      // A matter of certificates: perhaps there are new ones.
      if (failure.hint !== undefined) login.forget(pass);
      throw failure;
    } finally {
      const durationMs = clock.monotonic() - began;
      onHttp?.({ service: serviceOf(call), method, status, durationMs });
    }
  }
}

function requestOf(
  { method, path, query, body }: Call,
  pass: Pass,
  signal: AbortSignal,
): KubeRequest {
  const url = new URL(pass.server + path);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  return {
    ...{ method, url, tls: pass.tls, signal },
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...pass.headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

/** For messages: method and path, without the API's group and version. */
function nameOf({ method, path, query }: Call): string {
  const what = path.replace(/^\/(api|apis\/[^/]+)\/[^/]+\//, '');
  return `${query?.watch === undefined ? method : 'WATCH'} ${what}`;
}

/** For metrics: `core`, `rbac`, `project`, `authorization`. */
function serviceOf({ path }: Call): string {
  return /^\/apis\/([^./]+)/.exec(path)?.[1] ?? 'core';
}

async function readText(body: AsyncIterable<Uint8Array>, call: string): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw answerError(call, `an answer of more than ${MOST_BYTES} bytes`);
    parts.push(decoder.decode(piece, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join('');
}

function objectOf(text: string, call: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    // Node's own words would quote the answer, which may hold a secret.
  }
  throw answerError(call, 'the answer is no object in JSON');
}
