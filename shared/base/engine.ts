/**
 * Settings of the JavaScript engine for a daemon that is asked for much right after its start.
 *
 * By default V8 optimises a function after little use, and a burst of requests on a fresh process pays
 * for that a third of its CPU time. With a larger budget only what is hot for long is optimised, and
 * until then code runs in the form of the cheap compiler. Does not change what is reached in the end.
 * Measured: docs/performance.md.
 */
import { setFlagsFromString } from 'node:v8';

/** In bytes of bytecode run before a function is considered; V8's own is about 130,000. */
const INTERRUPT_BUDGET = 1_000_000;

/**
 * Call it when the configuration is read: what runs until then runs once, and compiling it, however
 * cheaply, would cost a start some 15 ms. Functions that have not run yet get the new settings.
 */
export function tuneEngine(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  setFlagsFromString('--always-sparkplug');
}
