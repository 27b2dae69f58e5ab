/** Calls to Google: each in its turn, with a token, repeated as it may be; listings page by page. */
import { CloudError } from '../../../base/errors.ts';
import type { CallOptions, CloudCalls } from '../../../cloud/calls.ts';
import { clientError } from './errors.ts';
import type { TokenSource } from './http.ts';
import type { Asking, ClientCall, Sdk } from './sdk.ts';

export interface CallerOptions {
  readonly sdk: Sdk;
  readonly calls: CloudCalls;
  readonly tokens: TokenSource;
}

/** A part of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next one is; empty or null: this is the last. */
  readonly next: string | null | undefined;
}

/** A listing of more pages is one that leads in a circle. */
const MOST_PAGES = 10_000;

export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  get sdk(): Sdk {
    return this.#options.sdk;
  }

  async call<T>(
    work: (call: ClientCall) => Promise<T>,
    signal: AbortSignal,
    options: CallOptions & Pick<Asking, 'fields'> = {},
  ): Promise<T> {
    const { calls, tokens, sdk } = this.#options;
    // Before the call's turn, so that a renewal is not at the cost of the call's deadline.
    await tokens.current(signal);
    return calls.run(
      signal,
      (inner) =>
        sdk.within({ signal: inner, fields: options.fields }, work).catch((error: unknown) => {
          throw clientError(error);
        }),
      options,
    );
  }

  /** All pages, each a call of its own. `fields`: the part of each that is wanted. */
  async all<T>(
    page: (call: ClientCall, from: string | undefined) => Promise<Page<T>>,
    signal: AbortSignal,
    fields: string,
  ): Promise<readonly T[]> {
    const all: T[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const { items, next } = await this.call((call) => page(call, from), signal, {
        isShared: true,
        fields,
      });
      for (const item of items) all.push(item);
      from = next ?? '';
      if (from === '') return all;
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `a listing of more than ${MOST_PAGES} pages`);
  }
}
