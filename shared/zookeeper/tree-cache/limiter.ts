/** Runs at most so many tasks at once; the others wait in the order of their coming. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #head = 0;
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Hands the place on to the next in line. */
  #next(): void {
    const next = this.#waiting[this.#head];
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#head++;
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    }
    next();
  }
}
