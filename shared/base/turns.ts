/** Work on thousands of things, in pieces, so that the event loop serves others in between. */

/** Of what costs a few microseconds each. */
const A_TURN = 500;

/**
 * Calls back for each, so many in a turn of the event loop; the first ones before this returns. What
 * is added meanwhile to a Map or Set may be met, too. Rejects with what a callback throws.
 */
export async function eachInTurns<T>(
  items: Iterable<T>,
  callback: (item: T) => void,
  aTurn = A_TURN,
): Promise<void> {
  let count = 0;
  for (const item of items) {
    if (count++ === aTurn) {
      await new Promise((resolve) => setImmediate(resolve));
      count = 1;
    }
    callback(item);
  }
}
