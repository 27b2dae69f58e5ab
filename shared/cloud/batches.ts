/**
 * Calls that do for many what each asks for alone: whoever asks while a call runs goes with the next
 * one. Nobody waits for others, so where few ask each has a call of their own.
 *
 *   idle -> (somebody asks) -> running -> (somebody asked meanwhile) -> running -> idle
 */
import { InvariantError, NodepoolError } from '../base/errors.ts';
import { throwIfAborted, untilAborted } from '../base/wait.ts';

export interface BatchesOptions<R> {
  /** Keys in one call. */
  readonly most: number;
  /** The keys are different ones. The signal is aborted only when the provider is closed. */
  readonly call: (keys: readonly string[], signal: AbortSignal) => Promise<R>;
  /** Whether a failure may be about one of the keys only: then each gets a call alone. */
  readonly isOfOne?: (error: unknown) => boolean;
}

/** Those who ask for one key, of whom each has the outcome. */
interface Asked<R> {
  readonly outcome: Promise<R>;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export class Batches<R> {
  readonly #options: BatchesOptions<R>;
  /** What the next calls are for, in the order in which it was asked. */
  readonly #waiting = new Map<string, Asked<R>>();
  readonly #closing = new AbortController();
  #isRunning = false;

  constructor(options: BatchesOptions<R>) {
    this.#options = options;
  }

  /**
   * Resolves with the answer to the call that had the key, which began after this one. An abort ends
   * the wait, not the call.
   */
  async run(key: string, signal: AbortSignal): Promise<R> {
    throwIfAborted(signal);
    throwIfAborted(this.#closing.signal);
    const asked = this.#waiting.get(key) ?? newlyAsked<R>();
    this.#waiting.set(key, asked);
    if (!this.#isRunning) void this.#work();
    return untilAborted(asked.outcome, signal);
  }

  /** Ends what runs; all who wait are told NP_ABORTED. */
  close(): void {
    const closed = new NodepoolError('NP_ABORTED', 'the provider is closed');
    this.#closing.abort(closed);
    for (const { reject } of this.#waiting.values()) reject(closed);
    this.#waiting.clear();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#isRunning = true;
    // Those who ask in the same moment go together.
    await Promise.resolve();
    while (this.#waiting.size > 0) await this.#once();
    this.#isRunning = false;
  }

  async #once(): Promise<void> {
    const batch = [...this.#waiting].slice(0, this.#options.most);
    for (const [key] of batch) this.#waiting.delete(key);
    try {
      await this.#call(batch);
    } catch (error) {
      if (batch.length > 1 && this.#options.isOfOne?.(error) === true) await this.#callEach(batch);
      else for (const [, { reject }] of batch) reject(error);
    }
  }

  async #callEach(batch: readonly (readonly [string, Asked<R>])[]): Promise<void> {
    for (const one of batch) await this.#call([one]).catch(one[1].reject);
  }

  async #call(batch: readonly (readonly [string, Asked<R>])[]): Promise<void> {
    const keys = batch.map(([key]) => key);
    const result = await this.#options.call(keys, this.#closing.signal);
    for (const [, { resolve }] of batch) resolve(result);
  }
}

function newlyAsked<R>(): Asked<R> {
  let settle: Omit<Asked<R>, 'outcome'> | undefined;
  const outcome = new Promise<R>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // All who asked may have left.
  outcome.catch(() => undefined);
  if (settle === undefined) throw new InvariantError('a promise gives its functions at once');
  return { outcome, ...settle };
}
