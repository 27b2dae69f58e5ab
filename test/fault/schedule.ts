/**
 * When which fault strikes. The order of faults and their sizes depend on the seed alone; a fault whose
 * target is hit already waits its turn, so moments depend on the machine, too.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import { sleep } from '../../shared/base/wait.ts';
import { seededRandom } from '../../shared/drivers/fake/faults.ts';
import { drawFault } from './faults/catalogue.ts';
import { between, type Fault, type Victims } from './faults/fault.ts';

/** Between two faults. */
const PAUSE_MS = [200, 2200] as const;

export interface ScheduleOptions {
  readonly seed: number;
  readonly victims: Victims;
  readonly providers: readonly string[];
  readonly log: (line: string) => void;
}

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #active = new Map<string, Promise<void>>();
  #count = 0;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Faults that have struck. */
  get count(): number {
    return this.#count;
  }

  /** Strikes for so long, then waits until the last fault is undone. */
  async storm(ms: number): Promise<void> {
    const over = new AbortController();
    const cancel = systemClock.after(ms, () => {
      over.abort();
    });
    const wait = (pause: number): Promise<void> =>
      sleep(systemClock, pause, over.signal).catch(() => undefined);
    const isOver = (): boolean => over.signal.aborted;
    while (!isOver()) {
      const random = seededRandom(this.#options.seed * 7_919 + ++this.#count);
      const fault = drawFault({ random, providers: this.#options.providers });
      await this.#active.get(fault.target);
      // What struck after the end would have no time at all.
      if (isOver()) break;
      this.#strike(fault, wait);
      await wait(between(random, ...PAUSE_MS));
    }
    cancel();
    await Promise.all(this.#active.values());
  }

  #strike(fault: Fault, wait: (ms: number) => Promise<void>): void {
    this.#options.log(fault.words);
    const work = fault
      .strike(this.#options.victims, wait)
      .catch((error: unknown) => {
        this.#options.log(`the fault itself failed: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#active.delete(fault.target);
      });
    this.#active.set(fault.target, work);
  }
}
