/**
 * What each label of a provider takes, asked for at the start. A label that asks for what the cloud
 * does not have (a flavor, a network) is offline, and asked for again from time to time.
 */
import type { PoolLabel, ProviderConfig } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { CloudError, hasCode, messageOf } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/wait.ts';
import type { Provider } from '../../shared/drivers/driver.ts';

/** For one look at all labels that are offline. */
const LOOK_DEADLINE_MS = 120_000;

export interface LabelFacts {
  readonly need: Quota;
  /** Why the label cannot be had; undefined: it can. */
  readonly offline: string | undefined;
}

const NOT_CONFIGURED: LabelFacts = { need: {}, offline: 'not configured' };

export interface LabelBookOptions {
  readonly config: ProviderConfig;
  readonly connection: Provider;
  readonly clock: Clock;
  readonly log: Logger;
  /** Between two looks while a label is offline. */
  readonly checkSeconds: number;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** A label that was offline can be had. */
  readonly onOnline: () => void;
}

export class LabelBook {
  readonly #options: LabelBookOptions;
  readonly #facts = new Map<string, LabelFacts>();
  #cancel: (() => void) | undefined;

  constructor(options: LabelBookOptions) {
    this.#options = options;
  }

  /** Rejects where the cloud fails; a label that it refuses is only offline. */
  async prepare(signal: AbortSignal): Promise<void> {
    for (const { key, label } of this.#labels()) {
      this.#facts.set(key, await this.#ask(label, signal));
    }
    this.#lookLater();
  }

  of(pool: string, label: string): LabelFacts {
    return this.#facts.get(keyOf(pool, label)) ?? NOT_CONFIGURED;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  *#labels(): Generator<{ readonly key: string; readonly label: PoolLabel }> {
    for (const pool of this.#options.config.pools)
      for (const label of pool.labels.values()) yield { key: keyOf(pool.name, label.name), label };
  }

  #lookLater(): void {
    const { clock, checkSeconds, signal, log } = this.#options;
    const isOffline = [...this.#facts.values()].some(({ offline }) => offline !== undefined);
    if (!isOffline || signal.aborted) return;
    this.#cancel = clock.after(checkSeconds * 1000, () => {
      this.#look()
        .catch((error: unknown) => {
          if (!signal.aborted) log.warn('labels that are offline were not looked for', { error });
        })
        .finally(() => {
          this.#lookLater();
        });
    });
  }

  #look(): Promise<void> {
    const { clock, signal } = this.#options;
    const error = (): Error => new CloudError('NP_CLOUD_TRANSIENT', 'no answer about labels');
    return withDeadline({ clock, ms: LOOK_DEADLINE_MS, signal, error }, async (inner) => {
      for (const { key, label } of this.#labels()) {
        const before = this.#facts.get(key)?.offline;
        if (before === undefined) continue;
        const facts = await this.#ask(label, inner, before);
        this.#facts.set(key, facts);
        if (facts.offline !== undefined) continue;
        this.#options.log.info('label is online', { label: label.name });
        this.#options.onOnline();
      }
    });
  }

  /** `before`: what has been said of the label already. */
  async #ask(label: PoolLabel, signal: AbortSignal, before?: string): Promise<LabelFacts> {
    const { connection, config, log } = this.#options;
    try {
      return { need: await connection.quotaForLabel(label, signal), offline: undefined };
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const offline = messageOf(error);
      const place = label.place ?? config.place;
      if (offline !== before)
        log.error('label is offline: the cloud refuses what is configured', {
          label: label.name,
          place,
          error,
        });
      return { need: {}, offline };
    }
  }
}

function keyOf(pool: string, label: string): string {
  return `${pool}\0${label}`;
}
