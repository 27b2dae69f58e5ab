/**
 * Calls to IBM: each in its turn, with a token, repeated as it may be; answers read by a schema; and
 * listings page by page.
 */
import type { z } from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { CloudError } from '../../../base/errors.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../cloud/http-transport.ts';
import type { Endpoints, ServiceName } from './endpoints.ts';
import { refusalError, refusalOf } from './errors.ts';
import type { Token } from './identity.ts';
import { pageOf, read } from './read.ts';

export interface CallerOptions {
  readonly calls: CloudCalls;
  readonly tokens: TokenSource;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly transport: Transport;
}

/** Where tokens come from. */
export interface TokenSource {
  current(signal: AbortSignal): Promise<Token>;
  forget(token: Token): void;
}

export interface Call<T> {
  /** Default: `vpc`. */
  readonly service?: ServiceName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the service's endpoint; its parts are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What the answer must be. Undefined: nobody looks at it. */
  readonly answer?: z.ZodType<T>;
  /** Many wait for it. */
  readonly isShared?: boolean;
  /** Default: all but POST. */
  readonly isRepeatable?: boolean;
}

export interface Listing<T> {
  readonly service?: ServiceName;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Where in the answer the items are. */
  readonly key: string;
  readonly item: z.ZodType<T>;
  /** Default true: many wait for it. */
  readonly isShared?: boolean;
}

/**
 * What answers look like hangs on it. Images have no `owner_type` from 2025-06-30 on, interfaces no
 * `primary_ip` before 2022-03-29.
 */
const API_VERSION = '2025-06-29';
/** Most items that IBM puts into one page. */
const PAGE_ITEMS = '100';
/** More pages than any listing has. */
const MOST_PAGES = 10_000;

export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** A POST is not repeated where its answer is lost: the caller looks first what became of it. */
  async call<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    const { calls, tokens } = this.#options;
    const request = this.#request(call);
    // Before the call's turn, so that a renewal is not at the cost of the call's deadline.
    await tokens.current(signal);
    return calls.run(
      signal,
      async (inner) => {
        const answer = await this.#authorized(request, inner);
        return read(request, answer, call.answer);
      },
      { isRepeatable: call.isRepeatable ?? call.method !== 'POST', isShared: call.isShared },
    );
  }

  /** All pages, each a call of its own. */
  async all<T>(listing: Listing<T>, signal: AbortSignal): Promise<readonly T[]> {
    const { service = 'vpc', path, query = {}, key, item, isShared = true } = listing;
    const limit = service === 'vpc' ? { limit: PAGE_ITEMS } : {};
    const items: T[] = [];
    const starts = new Set<string>();
    let start: string | undefined;
    while (starts.size < MOST_PAGES) {
      const page = await this.call(
        {
          ...{ service, path, method: 'GET', isShared, answer: pageOf(key, item) },
          query: { ...limit, ...query, ...(start !== undefined && { start }) },
        },
        signal,
      );
      for (const one of page.items) items.push(one);
      start = page.start;
      if (start === undefined) return items;
      if (starts.has(start)) break;
      starts.add(start);
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `the pages of ${service} ${path} have no end`, {
      labels: ['retryable'],
    });
  }

  #request({ service = 'vpc', method, path, query, body }: Call<unknown>): HttpRequest {
    const version = service === 'vpc' ? { version: API_VERSION, generation: '2' } : {};
    const parameters = new URLSearchParams({ ...version, ...query }).toString();
    const content = body === undefined ? undefined : JSON.stringify(body);
    return {
      ...{ method, subject: `${service} ${path}` },
      url: `${this.#options.endpoints[service]}/${path}${parameters === '' ? '' : `?${parameters}`}`,
      ...(content !== undefined && {
        body: content,
        headers: { 'content-type': 'application/json' },
      }),
    };
  }

  /** A token that is refused is forgotten, and the call made once more with the next one. */
  async #authorized(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { tokens, clock, transport } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const token = await tokens.current(signal);
      const { authorization } = token;
      const headers = { ...request.headers, ...(authorization !== '' && { authorization }) };
      const answer = await transport.send({ ...request, headers }, signal);
      if (answer.status < 300) return answer;
      if (answer.status === 401) tokens.forget(token);
      if (answer.status !== 401 || !isFirst)
        throw refusalError(refusalOf(request, answer), clock.now());
    }
  }
}
