/**
 * The address by which anybody may write to a disk: a secret, so it lives here and goes nowhere but to
 * the one who writes. It is asked for when it is first needed, and again when Azure no longer takes it.
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Kept } from '../../cloud/kept.ts';

export interface WriteAccessOptions {
  /** Asks for an address that is good for so many seconds. */
  readonly grant: (seconds: number, signal: AbortSignal) => Promise<string>;
  /** For one address. */
  readonly seconds: number;
  /** The disk's name, for the log. */
  readonly disk: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An address that is refused so soon is refused for another reason than its age. */
const YOUNG_MS = 60_000;

export class WriteAccess {
  readonly #options: WriteAccessOptions;
  readonly #address: Kept<{ readonly url: string; readonly sinceMs: number }>;

  constructor(options: WriteAccessOptions) {
    this.#options = options;
    const { grant, seconds, clock } = options;
    this.#address = new Kept(async (signal) => {
      const sinceMs = clock.monotonic();
      return { url: await grant(seconds, signal), sinceMs };
    });
  }

  /** Writes with the address. Rejects `retryable` where a new address may help. */
  async use(
    write: (url: string, signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const address = await this.#address.get(signal);
    try {
      await write(address.url, signal);
    } catch (error) {
      throwIfAborted(signal);
      const { clock, log, disk } = this.#options;
      if (hasLabel(error, 'retryable') || clock.monotonic() - address.sinceMs < YOUNG_MS)
        throw error;
      // Another write may have found out first.
      if (this.#address.current === address) {
        log.info('write access to the disk is asked for again', { disk });
        this.#address.drop();
      }
      throw new CloudError('NP_CLOUD_TRANSIENT', `disk ${disk}: the write access has ended`, {
        labels: ['retryable'],
        cause: error,
      });
    }
  }
}
