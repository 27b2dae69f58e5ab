/** Small pieces of work that can wait, a few in a turn of the event loop: a burst of them blocks nobody. */

/** Of what costs a fifth of a millisecond each. */
const A_TURN = 20;

export class Turns {
  #waiting: (() => void)[] = [];
  #isRunning = false;

  /** `work` must not throw. */
  add(work: () => void): void {
    this.#waiting.push(work);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => {
      this.#turn();
    });
  }

  /** Resolves when nothing waits. */
  async done(): Promise<void> {
    while (this.#isRunning) await new Promise((resolve) => setImmediate(resolve));
  }

  #turn(): void {
    for (const work of this.#waiting.splice(0, A_TURN)) work();
    this.#isRunning = this.#waiting.length > 0;
    if (!this.#isRunning) return;
    setImmediate(() => {
      this.#turn();
    });
  }
}
