/**
 * The token of a session: had when it is first needed, renewed before it ends and when a service
 * refuses it, once for all who wait.
 */
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { throwIfAborted } from '../../../base/wait.ts';
import { SharedCalls } from '../../../cloud/shared-calls.ts';
import type { Token } from './identity.ts';

/** Before its end; of tokens that live shortly, a tenth of their life. */
const RENEWAL_MS = 120_000;
const RENEWAL_SHARE = 0.1;
/** After a renewal that failed while the old token still is good. */
const PATIENCE_MS = 10_000;

export interface TokensOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly issue: (signal: AbortSignal) => Promise<Token>;
}

interface Held {
  readonly token: Token;
  /** On the clock's monotonic scale, as `endMs`. */
  renewMs: number;
  readonly endMs: number;
}

export class Tokens {
  readonly #options: TokensOptions;
  readonly #renewals = new SharedCalls<Token>();
  #held: Held | undefined;

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** A token that is good for a while. */
  async current(signal: AbortSignal): Promise<Token> {
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

  /** A service refuses this token: the next call gets another. */
  forget(token: Token): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  async #renew(signal: AbortSignal): Promise<Token> {
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
