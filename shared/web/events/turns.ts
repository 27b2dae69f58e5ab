/** Work of all readers, some of it in each turn of the event loop: whoever else has work comes in between. */

/** Of what costs a tenth of a millisecond, and a millisecond where a piece is made anew. */
const A_TURN = 8;

export class Turns {
  #waiting: (() => void)[] = [];
  #isPlanned = false;

  /** In the order of asking, and never at once. The work must not fail. */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      const now = this.#waiting.slice(0, A_TURN);
      this.#waiting = this.#waiting.slice(A_TURN);
      for (const work of now) work();
      if (this.#waiting.length > 0) this.#plan();
    });
  }
}
