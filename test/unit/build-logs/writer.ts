import { ManualClock } from '../../../fixtures/clock.ts';
import type { LogWriter } from '../../../shared/build-logs/read-log.ts';
import { eventually } from '../../support/eventually.ts';

/** A build that writes a log for as long as the test says. */
export class TestWriter implements LogWriter {
  #isWriting = true;
  readonly #listeners = new Set<() => void>();

  readonly isWriting = (): boolean => this.#isWriting;

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  endSilently(): void {
    this.#isWriting = false;
  }

  end(): void {
    this.endSilently();
    this.tell();
  }

  ended(): this {
    this.endSilently();
    return this;
  }
}

/** A clock that stands until it is turned. */
export class WaitedClock extends ManualClock {
  untilWaiting(): Promise<void> {
    return eventually(() => this.pending > 0);
  }
}
