/**
 * How often a listing is worth its price: the longer those who wait have waited, the less it matters
 * when they learn that it is over. Half of them have waited twelve ticks or more, so what a tick adds
 * is about a twenty-fourth of the time, and never more than a few `pollSeconds`. While other calls wait for
 * their turn, each listing costs one of them its place: then a tick is twice as long.
 */
import type { Clock } from '../base/clock.ts';

const TICKS_A_WAIT = 12;
/** Of a tick while other calls wait. */
const BUSY_FACTOR = 2;
/** The longest tick, in shortest ticks. */
const LONGEST = 5;

/**
 * Seconds between two listings where listing and changing share a budget of calls: listings get at most
 * half of it, the other half is for what they wait for.
 */
export function listingSeconds(wantedSeconds: number, callsPerSecond: number): number {
  return Math.max(wantedSeconds, 2 / callsPerSecond);
}

export class ListingPace {
  readonly #clock: Clock;
  readonly #shortestMs: number;
  readonly #isBusy: () => boolean;
  /** When those who wait began to. */
  readonly #began = new Map<symbol, number>();

  /** `isBusy`: whether other calls wait for their turn. */
  constructor(clock: Clock, shortestMs: number, isBusy: () => boolean = () => false) {
    this.#clock = clock;
    this.#shortestMs = shortestMs;
    this.#isBusy = isBusy;
  }

  /** Somebody begins to wait for what listings show; the answer says that it is over. */
  begin(): () => void {
    const key = Symbol('wait');
    this.#began.set(key, this.#clock.monotonic());
    return () => {
      this.#began.delete(key);
    };
  }

  /** Milliseconds between the starts of two listings, as things are. */
  tickMs(): number {
    const wanted = this.#medianAgeMs() / TICKS_A_WAIT;
    const shortestMs = this.#shortestMs * (this.#isBusy() ? BUSY_FACTOR : 1);
    return Math.min(Math.max(wanted, shortestMs), LONGEST * this.#shortestMs);
  }

  #medianAgeMs(): number {
    const began = [...this.#began.values()].toSorted((a, b) => a - b);
    const middle = began[Math.floor(began.length / 2)];
    return middle === undefined ? 0 : this.#clock.monotonic() - middle;
  }
}
