/**
 * Answers that are handed out a few in each turn of the event loop, in their order: what each of them
 * sets going adds up, and others have to be served in between.
 */
import { Fifo } from './fifo.ts';

export class InTurns {
  readonly #aTurn: number;
  readonly #waiting = new Fifo<() => void>();
  /** Handed out in this turn; 0: nothing is, and no turn is waited for. */
  #count = 0;

  /** `aTurn`: so many at once. */
  constructor(aTurn: number) {
    this.#aTurn = aTurn;
  }

  /** Calls it now, if this turn has not had its share, else in a later one. It must not throw. */
  push(answer: () => void): void {
    if (this.#count >= this.#aTurn || this.#waiting.size > 0) {
      this.#waiting.push(answer);
      return;
    }
    this.#handOut(answer);
  }

  #handOut(answer: () => void): void {
    if (this.#count === 0) {
      setImmediate(() => {
        this.#nextTurn();
      });
    }
    this.#count++;
    answer();
  }

  #nextTurn(): void {
    this.#count = 0;
    while (this.#count < this.#aTurn) {
      const answer = this.#waiting.shift();
      if (answer === undefined) return;
      this.#handOut(answer);
    }
  }
}
