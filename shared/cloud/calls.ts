/**
 * Calls to a cloud, each in its turn, under a deadline of its own, and repeated where the cloud
 * stumbled:
 *
 *   turn -> call -> done
 *             |-> `retryable`: a pause that grows, then a turn again; a few times
 *             |-> SlowDownError: nobody calls for as long as the cloud asks, then a turn again; where
 *             |   it does not say, for a pause that grows with each refusal of this call
 *             +-> anything else is the caller's
 *
 * A launch may take an hour, one call may not: without its own deadline a call whose answer got lost
 * would use up the launch. The answer to the first may be lost while it took effect, so a call that
 * is not safe to repeat has to say so. A cloud with several budgets gets one of these for each.
 */
import type { Clock } from '../base/clock.ts';
import { CloudError, NodepoolError, hasLabel } from '../base/errors.ts';
import { joinSignals, sleep, throwIfAborted, withDeadline } from '../base/wait.ts';
import { RateLimiter } from './rate-limit.ts';

/** For one call, where nothing else is said. */
export const TIMEOUT_SECONDS = 30;
/** A cloud that fails three times in a row is for the launcher's retries, which are minutes apart. */
const TRIES = 3;
/** Being asked for patience is no failure, but it must end. */
const MOST_SLOW_DOWNS = 10;
const FIRST_PAUSE_MS = 200;
/** Where a cloud asks for patience and does not say how much; twice that the next time. */
const FIRST_SLOW_DOWN_MS = 1000;
const LONGEST_SLOW_DOWN_MS = 30_000;

/** The cloud asks for patience; what was asked of it was not done. */
export class SlowDownError extends CloudError {
  /** Milliseconds to wait, the first time. */
  readonly forMs: number;
  /** False: the cloud did not say how long; each further pause is twice the one before. */
  readonly isFixed: boolean;

  /** `forMs`: as the cloud asks; undefined where it does not say. */
  constructor(message: string, forMs: number | undefined) {
    super('NP_CLOUD_TRANSIENT', message, { labels: ['retryable'] });
    // Whoever asks whether a driver has sorted an error goes by this name.
    this.name = CloudError.name;
    this.forMs = forMs ?? FIRST_SLOW_DOWN_MS;
    this.isFixed = forMs !== undefined;
  }
}

export interface CloudCallsOptions {
  readonly clock: Clock;
  /** A number in [0, 1), to spread repetitions. */
  readonly random: () => number;
  /** Infinity: no limit. */
  readonly callsPerSecond: number;
  /** For one call, from its turn to its answer. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

/** What is special about one call. */
export interface CallOptions {
  /** Instead of the deadline of all calls. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * False: a failure that is `ambiguous` is the caller's, as a second call might do the work twice.
   * Default true.
   */
  readonly isRepeatable?: boolean | undefined;
  /**
   * Many wait for its answer, such as a listing: it comes before calls that one waits for. Else a
   * queue of creations would keep all from learning what became of the earlier ones. Default false.
   */
  readonly isShared?: boolean | undefined;
}

export class CloudCalls {
  readonly #options: CloudCallsOptions;
  readonly #limiter: RateLimiter;
  readonly #closing = new AbortController();

  constructor(options: CloudCallsOptions) {
    this.#options = options;
    this.#limiter = new RateLimiter(options);
  }

  /** Calls until there is an answer or an error that a repetition would not change. */
  async run<T>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const joined = joinSignals([signal, this.#closing.signal]);
    try {
      return await this.#untilAnswered(joined.signal, call, options);
    } finally {
      joined.dispose();
    }
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#limiter.waiting;
  }

  /** Ends what runs and waits; later calls are refused. */
  close(): void {
    this.#closing.abort(new NodepoolError('NP_ABORTED', 'the provider is closed'));
  }

  async #untilAnswered<T>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
    options: CallOptions,
  ): Promise<T> {
    const { clock, random } = this.#options;
    let failures = 0;
    let slowDowns = 0;
    for (;;) {
      try {
        return await this.#once(signal, call, options);
      } catch (error) {
        throwIfAborted(signal);
        if (error instanceof SlowDownError) {
          if (++slowDowns > MOST_SLOW_DOWNS) throw error;
          this.#limiter.bend(slowDownMs(error, slowDowns, random()));
        } else {
          if (!mayRepeat(error, options) || ++failures >= TRIES) throw error;
          const pauseMs = FIRST_PAUSE_MS * 2 ** (failures - 1) * (0.5 + random());
          await sleep(clock, pauseMs, signal);
        }
      }
    }
  }

  async #once<T>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
    options: CallOptions,
  ): Promise<T> {
    await this.#limiter.turn(signal, { isFirst: options.isShared === true });
    const { clock } = this.#options;
    const timeoutSeconds =
      options.timeoutSeconds ?? this.#options.timeoutSeconds ?? TIMEOUT_SECONDS;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `no answer from the cloud within ${timeoutSeconds} s`, {
        labels: ['retryable', 'ambiguous'],
      });
    return withDeadline({ clock, ms: timeoutSeconds * 1000, signal, error }, call);
  }
}

/** After the nth refusal of a call; spread, as others who share the budget were refused, too. */
function slowDownMs({ forMs, isFixed }: SlowDownError, count: number, random: number): number {
  if (isFixed) return forMs;
  return Math.min(LONGEST_SLOW_DOWN_MS, forMs * 2 ** (count - 1)) * (0.5 + random / 2);
}

function mayRepeat(error: unknown, { isRepeatable = true }: CallOptions): boolean {
  return hasLabel(error, 'retryable') && (isRepeatable || !hasLabel(error, 'ambiguous'));
}
