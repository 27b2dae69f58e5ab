/**
 * The end of each of Microsoft's HTTP pipelines: one request and its whole answer. Puts on the token,
 * tells of the request, and sorts refusals, so that what leaves the clients is sorted whichever of
 * them it passes: none of their own errors, which hold requests and so secrets, is kept.
 */
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

import type { Clock } from '../../../base/clock.ts';
import { throwIfAborted } from '../../../base/wait.ts';
import { TIMEOUT_SECONDS } from '../../../cloud/calls.ts';
import type { Lasting } from '../../../cloud/tokens.ts';
import type { HttpDone } from '../../driver.ts';
import { noAnswerError } from './connection-errors.ts';
import { refusalError, type Refusal } from './errors.ts';

/** What ARM lets us in with. */
export interface Token extends Lasting {
  readonly text: string;
}

/** Where tokens come from. */
export interface TokenSource {
  current(signal: AbortSignal): Promise<Token>;
  forget(token: Token): void;
}

export interface CloudHttpOptions {
  /** Sends. */
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
  /** For `onHttp` and messages. */
  readonly service: 'compute' | 'network' | 'identity' | 'storage';
  /** Undefined: requests go without a token. */
  readonly tokens?: TokenSource | undefined;
  /** Default: the table of errors.ts. */
  readonly refusalOf?: ((refusal: Refusal, nowMs: number) => Error) | undefined;
}

export class CloudHttp implements HttpClient {
  readonly #options: CloudHttpOptions;

  constructor(options: CloudHttpOptions) {
    this.#options = options;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { tokens, clock, refusalOf = refusalError } = this.#options;
    // Some requests of the clients know of no signal: the second page of a listing.
    const { abortSignal } = request;
    const signal =
      abortSignal instanceof AbortSignal
        ? abortSignal
        : AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    request.abortSignal = signal;
    const response =
      tokens === undefined
        ? await this.#send(request, signal)
        : await this.#authorized(request, tokens, signal);
    if (response.status < 300) return response;
    throw refusalOf(this.#refusal(request, response), clock.now());
  }

  /** A token that is refused is forgotten, and the call made once more with the next one. */
  async #authorized(
    request: PipelineRequest,
    tokens: TokenSource,
    signal: AbortSignal,
  ): Promise<PipelineResponse> {
    for (let isFirst = true; ; isFirst = false) {
      const token = await tokens.current(signal);
      request.headers.set('authorization', `Bearer ${token.text}`);
      const response = await this.#send(request, signal);
      if (response.status !== 401) return response;
      tokens.forget(token);
      if (!isFirst) return response;
    }
  }

  async #send(request: PipelineRequest, signal: AbortSignal): Promise<PipelineResponse> {
    const { http, clock, service, onHttp } = this.#options;
    const { method } = request;
    const began = clock.monotonic();
    let status: number | undefined;
    throwIfAborted(signal);
    try {
      const response = await http.sendRequest(request);
      ({ status } = response);
      return response;
    } catch (error) {
      throwIfAborted(signal);
      throw noAnswerError(this.#call(request), new URL(request.url).origin, error);
    } finally {
      onHttp?.({ service, method, status, durationMs: clock.monotonic() - began });
    }
  }

  #refusal(request: PipelineRequest, { status, headers, bodyAsText }: PipelineResponse): Refusal {
    const { method } = request;
    return {
      ...{ call: this.#call(request), isReading: method === 'GET' || method === 'HEAD', status },
      retryAfter: headers.get('retry-after') ?? null,
      requestId: headers.get('x-ms-request-id'),
      text: bodyAsText ?? '',
    };
  }

  #call({ method, url }: PipelineRequest): string {
    return `${method} ${this.#options.service} ${subjectOf(url)}`;
  }
}

/** The kind and the name of what is asked for; nothing of the query, which may hold a signature. */
export function subjectOf(url: string): string {
  const { pathname } = new URL(url);
  const [, provided] = /\/providers\/[^/]+\/(.*)$/i.exec(pathname) ?? [];
  return (provided ?? pathname.slice(1)).replace(/\/+$/, '');
}
