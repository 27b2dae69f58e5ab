/** Waiting for a promise under a clock that nobody else turns. */
import { settle, type ManualClock } from '../../../fixtures/clock.ts';

const TURN_MS = 1000;
/** Far more than any test's work takes. */
const MOST_TURNS = 5000;

/** Resolves when no file is being read or written: a slow disk must not look like an hour's wait. */
async function filesAreDone(): Promise<void> {
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')))
    await new Promise((resolve) => setImmediate(resolve));
}

/** Turns the clock until the promise has settled. */
export async function settleByTurning<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const done = promise.finally(() => {
    state.isSettled = true;
  });
  done.catch(() => undefined);
  await settle();
  for (let turn = 0; !state.isSettled; turn++) {
    if (turn > MOST_TURNS) throw new Error('the promise never settles');
    await filesAreDone();
    await clock.advance(TURN_MS);
  }
  return done;
}
