/**
 * The calls that wait for a connection, and the clockwork that ends calls at their deadlines.
 *
 * Deadlines are looked at ten times a second, and only while there are calls: a timer for each
 * call would cost more than the call.
 */
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { SignalGroups } from './call.ts';
import type { PendingCall } from './call.ts';
import { Fifo } from './fifo.ts';

const SWEEP_MS = 100;

export class Backlog {
  readonly signals = new SignalGroups();
  readonly #clock: Clock;
  readonly #inflight: () => Iterable<PendingCall>;
  #waiting = new Fifo<PendingCall>();
  #cancelSweep: (() => void) | undefined;

  /** `inflight` answers the calls that were sent and have no reply yet. */
  constructor(clock: Clock, inflight: () => Iterable<PendingCall>) {
    this.#clock = clock;
    this.#inflight = inflight;
  }

  get size(): number {
    return this.#waiting.size;
  }

  push(call: PendingCall): void {
    this.#waiting.push(call);
  }

  /** Puts calls before all others. */
  putBack(calls: readonly PendingCall[]): void {
    if (calls.length === 0) return;
    const rest = this.#waiting.drain();
    for (const call of [...calls, ...rest]) this.#waiting.push(call);
  }

  /** All that wait, oldest first, without those that were given up. */
  take(): PendingCall[] {
    return this.#waiting.drain().filter((call) => !call.isSettled);
  }

  failAll(code: ErrorCode, message: string, cause?: unknown): void {
    for (const call of this.#waiting.drain()) call.failWith(code, message, cause);
  }

  /** To be called with every call, so that its deadline is seen. */
  watchDeadlines(): void {
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
    });
  }

  stop(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    let left = 0;
    for (const call of this.#inflight()) {
      left++;
      if (call.deadline <= now) call.failWith('ZK_OPERATION_TIMEOUT', 'no reply in time');
    }
    for (const call of this.#waiting) {
      if (call.deadline <= now) call.failWith('ZK_OPERATION_TIMEOUT', 'no connection in time');
    }
    const waiting = this.take();
    this.putBack(waiting);
    this.signals.sweep();
    if (left + waiting.length + this.signals.size > 0) this.watchDeadlines();
  }
}
