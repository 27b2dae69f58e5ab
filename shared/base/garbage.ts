/**
 * Bounds what the JavaScript engine leaves lying about, for a daemon that shall answer within
 * milliseconds and shares its machine.
 *
 * Left to itself V8 lets a heap grow to several times of what is in use, and young objects to 32 MiB,
 * of which those that live are copied in one stop of all work. Costs a few percent of CPU time under
 * load. Does not limit what is in use. Measured: docs/performance.md.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** By how much the heap may grow beyond what was in use at the last collection. */
const GROWTH_PERCENT = 100;

/**
 * Of the space for young objects, in bytes. A smaller one costs a few percent of CPU time under load, a
 * larger one lengthens single stops.
 */
const YOUNG_BYTES = 16 * 1024 * 1024;

/** Call it once, when the program is loaded. */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  if (boundYoungSpace()) return;
  // It doubles after a collection, and nothing else tells of it.
  const collections = new PerformanceObserver(() => {
    if (boundYoungSpace()) collections.disconnect();
  });
  collections.observe({ entryTypes: ['gc'] });
}

/** Answers whether it has the size that it shall keep. */
function boundYoungSpace(): boolean {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (young !== undefined && young.space_size < YOUNG_BYTES) return false;
  setFlagsFromString('--semi-space-growth-factor=1');
  return true;
}
