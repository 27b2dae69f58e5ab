/**
 * Hosts that did not answer: each is asked again after a pause that grows, so that thousands of them
 * are no storm, neither in the network nor in the log.
 */
import { onAbort } from '../../shared/base/wait.ts';
import type { InventorySlot } from '../../shared/drivers/driver.ts';
import type { Context } from '../context.ts';

/** Pauses until a host that did not answer is asked again. */
const FIRST_PAUSE_MS = 5000;
const LAST_PAUSE_MS = 60_000;

interface Silence {
  readonly pauseMs: number;
  readonly until: number;
  readonly reason: string;
}

export class SilentHosts {
  readonly #context: Context;
  readonly #provider: string;
  readonly #silent = new Map<string, Silence>();

  constructor(context: Context, provider: string) {
    this.#context = context;
    this.#provider = provider;
  }

  /** Whether the place's pause is not over yet. */
  isPaused(key: string): boolean {
    return (this.#silent.get(key)?.until ?? 0) > this.#context.clock.monotonic();
  }

  answered(key: string): void {
    this.#silent.delete(key);
  }

  /** Calls back when the pause is over, unless the signal ends it. Tells the log what is new. */
  didNotAnswer(
    key: string,
    failed: { readonly slot: InventorySlot; readonly reason: string },
    signal: AbortSignal,
    onOver: () => void,
  ): void {
    const { clock, log } = this.#context;
    const before = this.#silent.get(key);
    const pauseMs = Math.min((before?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, LAST_PAUSE_MS);
    const { slot, reason } = failed;
    this.#silent.set(key, { pauseMs, until: clock.monotonic() + pauseMs, reason });
    const fields = {
      ...{ provider: this.#provider, host: slot.name, slot: slot.slot, reason },
      again_in_seconds: pauseMs / 1000,
    };
    const message = 'host not registered; it is asked again';
    if (before?.reason === reason) log.debug(message, fields);
    else log.warn(message, fields);
    const cancel = clock.after(pauseMs + 1, () => {
      forget();
      onOver();
    });
    const forget = onAbort(signal, cancel);
  }
}
