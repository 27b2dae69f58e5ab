/**
 * Questions that Python Nodepool does not ask: an account whose role was made for it may not have the
 * right to. The cloud's refusal is said once, and the work goes on without the answer.
 */
import { hasCode } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';

export class Extras {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Undefined: the cloud refuses to answer. `what`: for the log, `list of disks`. */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      if (!this.#said.has(what))
        this.#log.warn('the cloud refuses an answer; work goes on without it', { what, error });
      this.#said.add(what);
      return undefined;
    }
  }
}
