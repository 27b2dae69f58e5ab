/**
 * Keeps finished answers for a second, so that many readers cost one rendering.
 */
import type { Clock } from '../base/clock.ts';

export interface Answer {
  readonly body: string;
  readonly madeAtMs: number;
}

const MAX_AGE_MS = 1000;
/** Questions differ by their parameters, which a client makes up. */
const MAX_ANSWERS = 64;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(question: string, make: () => string): Answer {
    const now = this.#clock.now();
    const known = this.#answers.get(question);
    // A clock that was set back must not keep an answer for ever.
    if (known !== undefined && Math.abs(now - known.madeAtMs) <= MAX_AGE_MS) return known;
    const answer = { body: make(), madeAtMs: now };
    this.#answers.delete(question);
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(question, answer);
    return answer;
  }
}
