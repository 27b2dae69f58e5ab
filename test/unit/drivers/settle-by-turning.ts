/** Waiting for a promise under a clock that nobody else turns. */
import { settle, type ManualClock } from '../../../fixtures/clock.ts';

const TURN_MS = 1000;
/** Far more than any test's work takes. */
const MOST_TURNS = 5000;

/** A slow disk, and a module that is being loaded by another thread, must not look like an hour's wait. */
async function diskIsDone(): Promise<void> {
  while (
    process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq|MessagePort)/.test(name))
  )
    await new Promise((resolve) => setImmediate(resolve));
}

/** Turns the clock until the promise has settled, but not while somebody does what takes real time. */
export async function settleByTurning<T>(
  clock: ManualClock,
  promise: Promise<T>,
  isBusy: () => boolean = () => false,
): Promise<T> {
  const state = { isSettled: false };
  const done = promise.finally(() => {
    state.isSettled = true;
  });
  done.catch(() => undefined);
  await settle();
  for (let turn = 0; !state.isSettled; turn++) {
    if (turn > MOST_TURNS) throw new Error('the promise never settles');
    await diskIsDone();
    while (isBusy()) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(TURN_MS);
  }
  return done;
}
