/** What a keeper has begun, by name: each once at a time, all ended together. */
import { NodepoolError } from '../../shared/base/errors.ts';

export class Jobs {
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #onEnded: () => void;

  /** Calls back whenever one has ended. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** Ends all work of these jobs. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get size(): number {
    return this.#running.size;
  }

  get names(): readonly string[] {
    return [...this.#running.keys()];
  }

  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** `work` must not reject. */
  start(name: string, work: Promise<void>): void {
    const ended = work.finally(() => {
      this.#running.delete(name);
      this.#onEnded();
    });
    this.#running.set(name, ended);
  }

  /** Asks all to end; `ended` tells when they have. */
  abort(): void {
    this.#stopping.abort(new NodepoolError('NP_ABORTED', 'the builder stops'));
  }

  /** Resolves when all have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
