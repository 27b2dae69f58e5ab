/**
 * Where Google's clients send their requests: through one transport, with our token, each told of, and
 * refusals sorted before the clients see them, so that none of their own errors, which hold requests,
 * is kept.
 */
import type { Clock } from '../../../base/clock.ts';
import type { HttpAnswer, Transport } from '../../../cloud/http-transport.ts';
import type { Lasting } from '../../../cloud/tokens.ts';
import { refusalError } from './errors.ts';

/** What Google lets us in with. */
export interface Token extends Lasting {
  readonly text: string;
  /** The project whose quota of calls counts, where the credentials name one. */
  readonly quotaProject: string | undefined;
}

/** Where tokens come from. */
export interface TokenSource {
  current(signal: AbortSignal): Promise<Token>;
  forget(token: Token): void;
}

/** As google-gax calls `fetch`; a part of the standard's RequestInit. */
export interface GaxInit {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: unknown;
}

/** What google-gax reads of an answer; a part of the standard's Response. */
export interface GaxResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface CloudHttpOptions {
  readonly transport: Transport;
  readonly tokens: TokenSource;
  readonly clock: Clock;
}

export class CloudHttp {
  readonly #options: CloudHttpOptions;

  constructor(options: CloudHttpOptions) {
    this.#options = options;
  }

  /** @throws CloudError for every answer that is not a success. */
  async fetch(url: string, init: GaxInit, signal: AbortSignal): Promise<GaxResponse> {
    const { tokens, clock } = this.#options;
    const { method = 'GET', body } = init;
    const subject = `compute ${subjectOf(url)}`;
    const headers = Object.fromEntries(init.headers ?? []);
    // The transport's own says who calls, and names no versions of what lies between.
    delete headers['x-goog-api-client'];
    const request = { method, url, subject, headers, ...(typeof body === 'string' && { body }) };
    let token = await tokens.current(signal);
    let answer = await this.#send(request, token, signal);
    if (answer.status === 401) {
      tokens.forget(token);
      token = await tokens.current(signal);
      answer = await this.#send(request, token, signal);
      // The next try begins with another.
      if (answer.status === 401) tokens.forget(token);
    }
    if (answer.status >= 200 && answer.status < 300) return gaxResponse(answer);
    throw refusalError({ call: `${method} ${subject}`, method, ...answer }, clock.now());
  }

  #send(
    request: Parameters<Transport['send']>[0],
    { text, quotaProject }: Token,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const headers = {
      ...request.headers,
      authorization: `Bearer ${text}`,
      ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
    };
    return this.#options.transport.send({ ...request, headers }, signal);
  }
}

function gaxResponse({ status, text }: HttpAnswer): GaxResponse {
  const bytes = new TextEncoder().encode(text);
  return {
    ...{ ok: true, status },
    arrayBuffer: () => Promise.resolve(bytes.buffer),
  };
}

/** Kind and name of what is asked for: `zones/europe-west1-b/instances/np0000000001`. */
export function subjectOf(url: string): string {
  const { pathname } = new URL(url);
  const [, inProject] = /\/projects\/[^/]+\/(.*)$/.exec(pathname) ?? [];
  return inProject ?? pathname.slice(1);
}
