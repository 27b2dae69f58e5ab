/** What the file of `loop-delay.js` says of a span of time. */
import { readFile } from 'node:fs/promises';

export interface LoopDelay {
  /** The delay that 99 of 100 callbacks do not exceed which become due at any moment, in ms. */
  readonly p99_ms: number;
  readonly max_ms: number;
  /** The same p99 without waiting for a processor: what the process itself is to blame for. */
  readonly own_p99_ms: number;
}

interface Line {
  readonly timeMs: number;
  /** How often each gap between two calls of a timer was seen; milliseconds. */
  readonly gaps: Readonly<Record<string, number>>;
  /** Without the time for which the thread waited for a processor. */
  readonly own: Readonly<Record<string, number>>;
}

export async function readLoopDelay(
  path: string,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<LoopDelay> {
  const gaps = new Map<number, number>();
  const own = new Map<number, number>();
  for (const text of (await readFile(path, 'utf8')).split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    if (line.timeMs < span.fromMs || line.timeMs > span.toMs) continue;
    add(gaps, line.gaps);
    add(own, line.own);
  }
  return {
    p99_ms: percentile(gaps, 0.99),
    max_ms: Math.max(0, ...gaps.keys()),
    own_p99_ms: percentile(own, 0.99),
  };
}

function add(sum: Map<number, number>, counts: Line['gaps']): void {
  for (const [gap, count] of Object.entries(counts)) {
    sum.set(Number(gap), (sum.get(Number(gap)) ?? 0) + count);
  }
}

/**
 * Weighs each gap by its length: whoever becomes due at a moment chosen at random meets a long gap more
 * often than a short one, and waits for what is left of it. A count of the gaps alone would hide that.
 */
export function percentile(gaps: ReadonlyMap<number, number>, share: number): number {
  let total = 0;
  let longest = 0;
  for (const [gap, count] of gaps) {
    total += gap * count;
    longest = Math.max(longest, gap);
  }
  for (let delay = 0; delay < longest; delay++) {
    let above = 0;
    for (const [gap, count] of gaps) above += Math.max(0, gap - delay) * count;
    if (above <= total * (1 - share)) return delay;
  }
  return longest;
}
