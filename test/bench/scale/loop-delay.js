/**
 * Loaded into the measured launcher by `--import`: how long its event loop keeps others waiting.
 *
 * A timer is due every two milliseconds; the gaps between its calls, in whole milliseconds, are
 * counted and written each quarter of a second, one line of JSON, to the file that NODEPOOL_BENCH_LOOP
 * names. `own` counts them without the time for which the system let the thread wait for a processor
 * (Linux: schedstat), which is the machine's doing. Costs the launcher about a percent of a core.
 */
import { appendFileSync, readFileSync } from 'node:fs';
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
  let lastWaited = waitedMs();
  let written = last;
  /** @type {Record<number, number>} */
  let gaps = {};
  /** @type {Record<number, number>} */
  let own = {};
  setInterval(() => {
    const now = performance.now();
    const waited = waitedMs();
    count(gaps, now - last);
    count(own, now - last - (waited - lastWaited));
    last = now;
    lastWaited = waited;
    if (now - written < WRITE_MS) return;
    written = now;
    appendFileSync(path, `${JSON.stringify({ timeMs: Date.now(), gaps, own })}\n`);
    gaps = {};
    own = {};
  }, PERIOD_MS).unref();
}

/**
 * @param {Record<number, number>} gaps
 * @param {number} ms
 */
function count(gaps, ms) {
  const gap = Math.max(0, Math.round(ms));
  gaps[gap] = (gaps[gap] ?? 0) + 1;
}

/** For how long this thread could have run and had no processor, in all; 0 where nobody says it. */
function waitedMs() {
  try {
    const [, nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
}
