/**
 * A provider that works: its driver's connection, what each label takes, what the cloud leaves us.
 *
 * Quota of the cloud is asked for at the start, again when the cloud said "over quota", and at most
 * every five minutes while somebody uses it; never on the way of a request. If the cloud does not
 * answer, what was known stays. An answer that will not be true for long is asked for again with
 * growing pauses: after "over quota", and where machines of ours without a node take room, which are
 * deleted or an old listing shows.
 */
import type { ProviderConfig } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { CloudError } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { throwIfAborted, withDeadline } from '../../shared/base/wait.ts';
import { KeyScanner } from '../../shared/cloud/key-scan.ts';
import { addQuota, subtractQuota } from '../../shared/cloud/quota.ts';
import type { ListedInstance, Provider } from '../../shared/drivers/driver.ts';
import type { Ledger } from '../pools/capacity.ts';
import { LabelBook, type LabelFacts } from './label-facts.ts';

/** How long the answer of a cloud about its quota counts as new. */
const QUOTA_AGE_MS = 300_000;
/** First pause until an answer that is in doubt is asked for again; doubled each time. */
const DOUBT_MS = 5_000;
/** For the calls that make up one look at the quota. */
const QUOTA_DEADLINE_MS = 120_000;

export interface ProviderRuntimeOptions {
  readonly config: ProviderConfig;
  readonly connection: Provider;
  /** Stays the same when a provider is replaced by one with a new configuration. */
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds until what the cloud does not have is looked for again. */
  readonly checkSeconds: number;
  /** Whether a node of this id has a znode: an instance that has none counts as foreign. */
  readonly isKnownNode: (id: string) => boolean;
  /** Called when the room in the cloud may have changed, or what can be had there. */
  readonly onQuota: () => void;
}

export class ProviderRuntime {
  readonly config: ProviderConfig;
  readonly connection: Provider;
  readonly scanner: KeyScanner;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly #options: ProviderRuntimeOptions;
  readonly #labels: LabelBook;
  readonly #closing = new AbortController();
  #zones: readonly string[] = [];
  #available: Quota = {};
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  /** What machines of ours take that have no node; part of the ledger. */
  #leaked: Quota = {};
  #doubtMs = DOUBT_MS;
  #cancelDoubt: (() => void) | undefined;
  #users = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: ProviderRuntimeOptions) {
    this.#options = options;
    this.config = options.config;
    this.connection = options.connection;
    this.log = options.log;
    this.ledger = options.ledger;
    this.scanner = new KeyScanner({ clock: options.clock, log: options.log });
    this.#labels = new LabelBook({
      ...options,
      signal: this.signal,
      onOnline: options.onQuota,
    });
  }

  get name(): string {
    return this.config.name;
  }

  /** Aborts when the provider is closed for good. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Learns what must be known before the first decision. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.#labels.prepare(signal);
    this.#zones = await this.connection.availabilityZones(signal);
    await this.#ask(signal);
    this.#doubt(false);
  }

  label(pool: string, label: string): LabelFacts {
    return this.#labels.of(pool, label);
  }

  /** Zones for pools that name none. */
  get zones(): readonly string[] {
    return this.#zones;
  }

  /** Limits of the cloud less what others use, who keep it. Our own machines are not others. */
  get available(): Quota {
    return this.#available;
  }

  /** Resolves when no answer about the quota is awaited. Never rejects. */
  async quotaKnown(): Promise<void> {
    await this.#asking;
  }

  /** The cloud's quota may have changed: asks again, in the background. */
  refreshQuota(options: { isForced: boolean }): void {
    const age = this.#options.clock.monotonic() - this.#askedAt;
    if (options.isForced) this.#doubtMs = DOUBT_MS;
    if (!options.isForced && age < QUOTA_AGE_MS) return;
    this.#askInBackground(options.isForced);
  }

  /** `isRefused`: the cloud has just said that there is no room. */
  #askInBackground(isRefused: boolean): void {
    if (this.#asking || this.signal.aborted) return;
    this.#asking = this.#ask(this.signal)
      .then(() => {
        this.#options.onQuota();
      })
      .catch((error: unknown) => {
        this.log.warn('quota of the cloud is not known; the last answer stays', {
          provider: this.name,
          error,
        });
      })
      .finally(() => {
        this.#asking = undefined;
        this.#doubt(isRefused);
      });
  }

  /** Until the pauses are as long as an answer counts as new, and while we have leaked machines. */
  #doubt(isRefused: boolean): void {
    this.#cancelDoubt?.();
    this.#cancelDoubt = undefined;
    const isLeaking = Object.values(this.#leaked).some((amount) => amount > 0);
    if (this.signal.aborted || (!isRefused && !isLeaking)) return;
    const ms = Math.min(this.#doubtMs, QUOTA_AGE_MS);
    const isLast = this.#doubtMs >= QUOTA_AGE_MS;
    this.#doubtMs *= 2;
    this.#cancelDoubt = this.#options.clock.after(ms, () => {
      this.#askInBackground(isRefused && !isLast);
    });
  }

  /** Says that work on the connection begins; the answer says that it has ended. */
  begin(): () => void {
    this.#users++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#users--;
      if (this.#users === 0) this.#onIdle?.();
    };
  }

  /** Waits for launches and deletions that run, then ends the connection. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelDoubt?.();
    this.#labels.close();
    await this.#asking;
    this.#countLeaked({});
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.connection.close();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `provider ${this.name}: no answer about the quota`);
    await withDeadline({ clock, ms: QUOTA_DEADLINE_MS, signal, error }, async (inner) => {
      const limits = await this.connection.quotaLimits(inner);
      const instances =
        Object.keys(limits).length === 0 ? [] : await this.connection.listInstances(inner);
      // A start that was given up meanwhile leaves nothing in the ledger.
      throwIfAborted(inner);
      const { foreign, leaked } = unmanagedUse(instances, this.name, this.#options);
      this.#available = subtractUse(limits, foreign);
      this.#countLeaked(leaked);
      this.#askedAt = clock.monotonic();
    });
  }

  /**
   * They take room now, but are no reason to say that something never fits. Without a limit of the
   * cloud nobody counts them.
   */
  #countLeaked(leaked: Quota): void {
    this.ledger.subtract(this.#leaked);
    this.ledger.add(leaked);
    this.#leaked = leaked;
  }
}

/** What machines take that are no node's: of others, and of ours by their tags. */
export function unmanagedUse(
  instances: readonly ListedInstance[],
  provider: string,
  nodes: { isKnownNode: (id: string) => boolean },
): { readonly foreign: Quota; readonly leaked: Quota } {
  let foreign: Quota = {};
  let leaked: Quota = {};
  for (const { metadata, resources } of instances) {
    const node = metadata.nodepool_node_id;
    if (metadata.nodepool_provider_name !== provider || node === undefined) {
      foreign = addQuota(foreign, resources);
    } else if (!nodes.isKnownNode(node)) {
      leaked = addQuota(leaked, resources);
    }
  }
  return { foreign, leaked };
}

/** Takes use off the limits that exist; a use without a limit stays without one. */
function subtractUse(limits: Quota, use: Quota): Quota {
  const counted = Object.fromEntries(Object.entries(use).filter(([name]) => name in limits));
  return subtractQuota(limits, counted);
}
