/**
 * An answer that is asked for once and kept until somebody finds it outdated, or for a time. All who
 * ask while the call runs share it; a failure is not kept.
 */
import type { Clock } from '../base/clock.ts';
import { SharedCalls } from './shared-calls.ts';

export interface KeptOptions {
  readonly clock: Clock;
  /** Seconds for which an answer is good. */
  readonly forSeconds: number;
}

interface Answer<T> {
  readonly of: T;
  /** On the clock's monotonic scale. */
  readonly untilMs: number;
}

export class Kept<T> {
  readonly #calls = new SharedCalls<T>();
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #options: KeptOptions | undefined;
  #answer: Answer<T> | undefined;
  /** Counts the times that it was dropped. */
  #generation = 0;

  /** Without options the answer is kept until it is dropped. */
  constructor(ask: (signal: AbortSignal) => Promise<T>, options?: KeptOptions) {
    this.#ask = ask;
    this.#options = options;
  }

  /** The answer, if it is there and still good. */
  get current(): T | undefined {
    return this.#good()?.of;
  }

  async get(signal: AbortSignal): Promise<T> {
    const good = this.#good();
    if (good !== undefined) return good.of;
    const generation = this.#generation;
    // What was asked before the answer was dropped is none for those who ask after.
    const answer = await this.#calls.run(String(generation), signal, this.#ask);
    if (generation === this.#generation) this.#answer = { of: answer, untilMs: this.#untilMs() };
    return answer;
  }

  /** The next who asks gets a new answer. */
  drop(): void {
    this.#answer = undefined;
    this.#generation++;
  }

  #good(): Answer<T> | undefined {
    const nowMs = this.#options?.clock.monotonic() ?? -Infinity;
    return this.#answer !== undefined && nowMs < this.#answer.untilMs ? this.#answer : undefined;
  }

  #untilMs(): number {
    if (this.#options === undefined) return Infinity;
    const { clock, forSeconds } = this.#options;
    return clock.monotonic() + forSeconds * 1000;
  }
}
