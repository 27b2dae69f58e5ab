/**
 * Calls to one service of AWS by its SDK client: each in its turn of the budget, repeated by
 * CloudCalls, its errors sorted.
 *
 * The SDK's client is made when the first call wants it: a launcher never loads what builders need.
 */
import { throwIfAborted } from '../../../base/wait.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { Credentials, Identity } from './credentials.ts';
import { isClockCorrected, isCredentialsError } from './thrown.ts';

/** What each call hands to the SDK. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

/** Sends one request. */
export type Send<C, T> = (client: C, options: SendOptions) => Promise<T>;

/** A call, for its errors. */
export interface CallFacts {
  /** AWS's name of it: `RunInstances`. */
  readonly call: string;
  /** Whether a lost answer may have changed something. */
  readonly isReading: boolean;
}

export interface ChangeOptions {
  /**
   * False: a second call might do the work twice. Default true: it carries a token, or its effect is
   * the same.
   */
  readonly isRepeatable?: boolean;
  /** For one try. Default 30. */
  readonly timeoutSeconds?: number;
}

export interface ServiceOptions<C> {
  /** For errors: `provider one`. */
  readonly section: string;
  readonly open: () => Promise<C>;
  readonly credentials: Credentials;
  readonly reading: CloudCalls;
  readonly changing: CloudCalls;
  /** Instead of what a change says. */
  readonly timeoutSeconds?: number | undefined;
  /** Sorts what the SDK throws. */
  readonly sorted: (error: unknown, facts: CallFacts) => Error;
}

/** More pages than this is a loop. */
const MOST_PAGES = 10_000;

export class Service<C> {
  readonly #options: ServiceOptions<C>;
  #client: Promise<C> | undefined;

  constructor(options: ServiceOptions<C>) {
    this.#options = options;
  }

  get section(): string {
    return this.#options.section;
  }

  /** A call that changes nothing. */
  read<T>(call: string, send: Send<C, T>, signal: AbortSignal): Promise<T> {
    const { reading } = this.#options;
    return reading.run(signal, (inner) => this.#once({ call, isReading: true }, send, inner));
  }

  /** All pages of a list, each in a turn of its own. */
  async readAll<P extends { readonly NextToken?: string | undefined }, T>(
    call: string,
    send: (client: C, page: { NextToken?: string }, options: SendOptions) => Promise<P>,
    items: (page: P) => readonly T[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let token: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const next = token === undefined || token === '' ? {} : { NextToken: token };
      const page = await this.read(call, (client, options) => send(client, next, options), signal);
      found.push(...(items(page) ?? []));
      token = page.NextToken;
      if (token === undefined || token === '') return found;
    }
    throw new Error(`${call}: more than ${MOST_PAGES} pages`);
  }

  change<T>(
    call: string,
    send: Send<C, T>,
    signal: AbortSignal,
    options: ChangeOptions = {},
  ): Promise<T> {
    const { changing, timeoutSeconds = options.timeoutSeconds } = this.#options;
    return changing.run(signal, (inner) => this.#once({ call, isReading: false }, send, inner), {
      ...options,
      timeoutSeconds,
    });
  }

  async #once<T>(facts: CallFacts, send: Send<C, T>, signal: AbortSignal): Promise<T> {
    const { credentials, sorted } = this.#options;
    const used = await this.#asked(() => credentials.current(), signal);
    try {
      const answer = await this.#send(send, signal);
      credentials.noteSuccess();
      return answer;
    } catch (error) {
      throwIfAborted(signal);
      if (!(await this.#isCured(error, used, signal))) throw sorted(error, facts);
    }
    try {
      return await this.#send(send, signal);
    } catch (error) {
      throwIfAborted(signal);
      throw sorted(error, facts);
    }
  }

  /** Whether AWS refused how the call was signed, and the next one will be signed otherwise. */
  async #isCured(error: unknown, used: Identity, signal: AbortSignal): Promise<boolean> {
    if (isClockCorrected(error)) return true;
    if (!isCredentialsError(error)) return false;
    return this.#asked(() => this.#options.credentials.renew(used), signal);
  }

  async #send<T>(send: Send<C, T>, signal: AbortSignal): Promise<T> {
    this.#client ??= this.#options.open();
    return send(await this.#client, { abortSignal: signal });
  }

  /** Of those who give credentials, which may be AWS, too. */
  async #asked<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throwIfAborted(signal);
      throw this.#options.sorted(error, { call: 'credentials', isReading: true });
    }
  }
}
