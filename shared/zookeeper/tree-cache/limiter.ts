/** Runs at most so many tasks at once; the others wait in the order of their coming. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #head = 0;
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Undefined: there is a place, go on at once. Whoever has come in must `leave`. */
  enter(): Promise<void> | undefined {
    if (this.#running >= this.#limit)
      return new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    return undefined;
  }

  /** Hands the place on to the next in line. */
  leave(): void {
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
