/**
 * The token of a provider: had when it is first needed, renewed before it ends and when the cloud
 * refuses it, once for all who wait.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { throwIfAborted } from '../base/wait.ts';
import { SharedCalls } from './shared-calls.ts';

/** Before its end; of tokens that live shortly, a tenth of their life. */
const RENEWAL_MS = 120_000;
const RENEWAL_SHARE = 0.1;
/** After a renewal that failed while the old token still is good. */
const PATIENCE_MS = 10_000;

/** What a cloud lets us in with, for a time. */
export interface Lasting {
  /** Milliseconds from its issue to its end. Infinity: none is told. */
  readonly lifeMs: number;
}

export interface TokensOptions<T extends Lasting> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly issue: (signal: AbortSignal) => Promise<T>;
}

interface Held<T> {
  readonly token: T;
  /** On the clock's monotonic scale, as `endMs`. */
  renewMs: number;
  readonly endMs: number;
}

export class Tokens<T extends Lasting> {
  readonly #options: TokensOptions<T>;
  readonly #renewals = new SharedCalls<T>();
  #held: Held<T> | undefined;

  constructor(options: TokensOptions<T>) {
    this.#options = options;
  }

  /** A token that is good for a while. */
  async current(signal: AbortSignal): Promise<T> {
    const held = this.#held;
    if (held !== undefined && this.#options.clock.monotonic() < held.renewMs) return held.token;
    try {
      return await this.#renewals.run('', signal, (inner) => this.#renew(inner));
    } catch (error) {
      throwIfAborted(signal);
      const still = this.#held;
      const nowMs = this.#options.clock.monotonic();
      if (still === undefined || nowMs >= still.endMs) throw error;
      this.#options.log.warn('token not renewed, the old one is still used', {
        error: messageOf(error),
      });
      still.renewMs = nowMs + PATIENCE_MS;
      return still.token;
    }
  }

  /** The cloud refuses this token: the next call gets another. */
  forget(token: T): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  async #renew(signal: AbortSignal): Promise<T> {
    // From before the call: the answer may have taken its time.
    const startMs = this.#options.clock.monotonic();
    const token = await this.#options.issue(signal);
    const { lifeMs } = token;
    const early = Math.min(RENEWAL_MS, lifeMs * RENEWAL_SHARE);
    const endMs = startMs + lifeMs;
    this.#held = { token, endMs, renewMs: endMs - early };
    return token;
  }
}
