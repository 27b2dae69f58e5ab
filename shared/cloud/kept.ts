/**
 * An answer that is asked for once and kept until somebody finds it outdated. All who ask while the
 * call runs share it; a failure is not kept.
 */
import { SharedCalls } from './shared-calls.ts';

export class Kept<T> {
  readonly #calls = new SharedCalls<T>();
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  #value: { readonly of: T } | undefined;
  /** Counts the times that it was dropped. */
  #generation = 0;

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask;
  }

  /** The answer, if it is there. */
  get current(): T | undefined {
    return this.#value?.of;
  }

  async get(signal: AbortSignal): Promise<T> {
    if (this.#value !== undefined) return this.#value.of;
    const generation = this.#generation;
    // What was asked before the answer was dropped is none for those who ask after.
    const answer = await this.#calls.run(String(generation), signal, this.#ask);
    if (generation === this.#generation) this.#value = { of: answer };
    return answer;
  }

  /** The next who asks gets a new answer. */
  drop(): void {
    this.#value = undefined;
    this.#generation++;
  }
}
