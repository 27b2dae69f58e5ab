/**
 * How far an upload has come, and how fast: for logs, metrics, the web and the command line. Pure but
 * for the clock that it is given.
 */
import type { Clock } from '../../shared/base/clock.ts';

export interface UploadProgress {
  readonly sentBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** From 0 to 100. */
  readonly percent: number;
  /** Of the last while. */
  readonly bytesPerSecond: number;
  /** Undefined while nothing moves. */
  readonly secondsLeft: number | undefined;
  readonly seconds: number;
}

/** The rate is that of so long a time, so that it follows what the network does. */
const WINDOW_MS = 30_000;
/** Between two points that are kept. */
const STEP_MS = 1000;

export class ProgressMeter {
  readonly #clock: Clock;
  readonly #beganMs: number;
  #total = 0;
  /** Oldest first; the last one is of now. */
  #points: { readonly atMs: number; readonly bytes: number }[];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganMs = clock.monotonic();
    this.#points = [{ atMs: this.#beganMs, bytes: 0 }];
  }

  update(sentBytes: number, totalBytes: number): void {
    const now = this.#clock.monotonic();
    this.#total = totalBytes;
    const before = this.#points.at(-2);
    if (before !== undefined && now - before.atMs < STEP_MS) this.#points.pop();
    this.#points.push({ atMs: now, bytes: sentBytes });
    // The first of those that remain is the one at the window's begin.
    while ((this.#points[1]?.atMs ?? Infinity) <= now - WINDOW_MS) this.#points.shift();
  }

  get now(): UploadProgress {
    const nowMs = this.#clock.monotonic();
    const sentBytes = this.#points.at(-1)?.bytes ?? 0;
    // Where nothing has moved for the whole window, its begin is the last point.
    const began = this.#points.findLast(({ atMs }) => atMs <= nowMs - WINDOW_MS);
    const first = began ?? this.#points[0] ?? { atMs: this.#beganMs, bytes: 0 };
    // Sent anew from the beginning: nothing can be said yet.
    const moved = Math.max(0, sentBytes - first.bytes);
    const bytesPerSecond = nowMs > first.atMs ? (moved * 1000) / (nowMs - first.atMs) : 0;
    const left = this.#total - sentBytes;
    return {
      sentBytes,
      totalBytes: this.#total,
      percent: this.#total > 0 ? (100 * sentBytes) / this.#total : 0,
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? left / bytesPerSecond : undefined,
      seconds: (nowMs - this.#beganMs) / 1000,
    };
  }
}
