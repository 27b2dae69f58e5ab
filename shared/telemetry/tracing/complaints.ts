/** One warning a minute about traces that are lost, with how many they were. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

const QUIET_MS = 60_000;

export class Complaints {
  readonly #clock: Clock;
  readonly #log: Logger;
  #lost = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `reason`: nothing that the other side said, for that may be long, or a secret of ours. */
  lost(spans: number, reason: string): void {
    this.#lost += spans;
    if (this.#clock.monotonic() - this.#saidAt >= QUIET_MS) this.#say(reason);
  }

  /** The last words: also what was lost in the minute before. */
  end(spans: number, reason: string): void {
    this.#lost += spans;
    if (this.#lost > 0) this.#say(reason);
  }

  #say(reason: string): void {
    this.#saidAt = this.#clock.monotonic();
    this.#log.warn('traces cannot be sent', { reason, lost_spans: this.#lost });
    this.#lost = 0;
  }
}

/** An export's failure in our own words: an error's code, or the status that the collector gave. */
export function failureReason(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return `the collector answers with HTTP status ${code}`;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return REASONS.get(error.message) ?? 'the export failed';
}

/** What the exporter says without a code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['Request timed out', 'the collector does not answer'],
  ['Export failed with retryable status', 'the collector is busy (HTTP 429, 502, 503 or 504)'],
  ['Concurrent export limit reached', 'the collector takes them too slowly'],
]);
