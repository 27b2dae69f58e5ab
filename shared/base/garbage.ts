/**
 * Bounds what the JavaScript engine leaves lying about, for a daemon that shall answer within
 * milliseconds and shares its machine.
 *
 * Left to itself V8 lets a heap grow to several times of what is in use, and young objects to 32 MiB,
 * of which those that live are copied in one stop of all work. Costs a few percent of CPU time under
 * load. Does not limit what is in use. Measured: docs/performance.md.
 */
import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow beyond what was in use at the last collection. */
const GROWTH_PERCENT = 100;

/**
 * Call it when the program is loaded: the space for young objects stays as large as it has become by
 * then (8 MiB, with Node 20).
 */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
}
