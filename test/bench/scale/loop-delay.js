/**
 * Loaded into the measured launcher by `--import`: how long its event loop keeps others waiting.
 *
 * A timer is due every two milliseconds; the gaps between its calls, in whole milliseconds, are
 * counted and written each quarter of a second, one line of JSON, to the file that NODEPOOL_BENCH_LOOP
 * names. Costs the launcher about a percent of a core.
 */
import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const PERIOD_MS = 2;
const WRITE_MS = 250;

const file = process.env.NODEPOOL_BENCH_LOOP;
// Not in the threads that the launcher makes.
if (file !== undefined && isMainThread) watch(file);

/** @param {string} path */
function watch(path) {
  let last = performance.now();
  let written = last;
  /** @type {Record<number, number>} */
  let gaps = {};
  setInterval(() => {
    const now = performance.now();
    const gap = Math.round(now - last);
    gaps[gap] = (gaps[gap] ?? 0) + 1;
    last = now;
    if (now - written < WRITE_MS) return;
    written = now;
    appendFileSync(path, `${JSON.stringify({ timeMs: Date.now(), gaps })}\n`);
    gaps = {};
  }, PERIOD_MS).unref();
}
