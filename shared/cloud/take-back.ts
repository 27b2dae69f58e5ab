/**
 * Work that makes something in several steps: where it fails, what it has made is taken back, within a
 * deadline of its own, since the work's signal may be over by then.
 */
import type { Clock } from '../base/clock.ts';
import { CloudError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { withDeadline } from '../base/wait.ts';

/** Seconds for taking back. */
const TAKE_BACK_SECONDS = 60;

export interface TakeBackOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** What would remain, for the log: `image of a failed upload`. */
  readonly subject: string;
  /** Its name or id, for the log. */
  readonly about: Readonly<Record<string, string>>;
  /** Also where it is not known whether anything was made. */
  readonly takeBack: (signal: AbortSignal) => Promise<unknown>;
}

/** Rejects with the work's error in any case: what could not be taken back is found by its tags. */
export async function orTakeBack<T>(
  { clock, log, subject, about, takeBack }: TakeBackOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    const { signal } = new AbortController();
    const ms = TAKE_BACK_SECONDS * 1000;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `not taken back within ${TAKE_BACK_SECONDS} s`);
    try {
      await withDeadline({ clock, ms, signal, error }, takeBack);
    } catch (remaining) {
      log.warn(`${subject} remains`, { ...about, error: remaining });
    }
    throw failure;
  }
}
