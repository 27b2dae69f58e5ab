/**
 * Tells statsd the launcher's gauges, when the original does.
 *
 * Of all launchers, Python's included, the one that wins the election `/nodepool/elections/stats` tells
 * of nodes and requests: when it has won, and after each change, at most once a second; nothing is
 * sent while nothing changes. What is about this launcher alone is told by a timer. A name that was
 * told and is not there any more is set to 0 once (the original leaves its last value for ever).
 */
import { messageOf } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { sleep, untilAborted } from '../../shared/base/wait.ts';
import { STATS_ELECTION } from '../../shared/store/paths.ts';
import { statsdKey, type Sample } from '../../shared/telemetry/metric.ts';
import { Election } from '../../shared/zookeeper/election.ts';
import type { Context } from '../context.ts';

export interface GaugeSenderOptions {
  readonly context: Context;
  /** Shown to who looks at the election: `<hostname>-<pid>`. */
  readonly identifier: string;
  /** Of all launchers. */
  readonly cluster: () => readonly Sample<'gauge'>[];
  /** Of this launcher. */
  readonly local: () => readonly Sample<'gauge'>[];
}

/** Changes are collected for so long. */
const CLUSTER_MS = 1000;
/** Statsd forgets nothing between two flushes of its usual ten seconds. */
const LOCAL_MS = 5000;
/** Pause after the election could not be held. */
const RETRY_MS = 5000;

export class GaugeSender {
  readonly #options: GaugeSenderOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #told = new Map<'cluster' | 'local', Map<string, Sample<'gauge'>>>();
  #sentAt = -Infinity;
  #cancelCluster: (() => void) | undefined;
  #cancelLocal: (() => void) | undefined;
  #leading: Promise<void> | undefined;

  constructor(options: GaugeSenderOptions) {
    this.#options = options;
    this.#log = options.context.log.named('nodepool.StatsWorker');
  }

  start(): void {
    this.#tellLocal();
    this.#leading = this.#contend();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelLocal?.();
    await this.#leading;
  }

  #tellLocal(): void {
    this.#send('local', this.#options.local());
    this.#cancelLocal = this.#options.context.clock.after(LOCAL_MS, () => {
      this.#tellLocal();
    });
  }

  /** Never rejects. */
  async #contend(): Promise<void> {
    const { context, identifier } = this.#options;
    const { signal } = this.#stopping;
    const { client } = context.store;
    const election = new Election(client, STATS_ELECTION, { identifier, clock: context.clock });
    while (!signal.aborted) {
      try {
        await election.run((term) => this.#lead(term), signal);
      } catch (error) {
        this.#log.warn('who tells statsd of nodes could not be settled; tried again', {
          reason: messageOf(error),
        });
        await sleep(context.clock, RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  /** Until the term ends. */
  async #lead(term: AbortSignal): Promise<void> {
    this.#log.info('this launcher tells statsd of nodes');
    const { nodes, requests, components } = this.#options.context.store;
    const changed = (): void => {
      this.#changed();
    };
    const forget = [
      nodes.cache.onChange(changed),
      requests.cache.onChange(changed),
      components.cache.onChange(changed),
    ];
    changed();
    try {
      await untilAborted(new Promise<never>(() => undefined), term);
    } finally {
      for (const one of forget) one();
      this.#cancelCluster?.();
      this.#cancelCluster = undefined;
      // Another one tells from now on, and knows of no names of ours.
      this.#told.delete('cluster');
    }
  }

  #changed(): void {
    if (this.#cancelCluster) return;
    const { clock } = this.#options.context;
    const ms = Math.max(0, this.#sentAt + CLUSTER_MS - clock.monotonic());
    this.#cancelCluster = clock.after(ms, () => {
      this.#cancelCluster = undefined;
      this.#sentAt = clock.monotonic();
      this.#send('cluster', this.#options.cluster());
    });
  }

  #send(which: 'cluster' | 'local', samples: readonly Sample<'gauge'>[]): void {
    const { metrics } = this.#options.context;
    const before = this.#told.get(which);
    const now = new Map(samples.map((one) => [statsdKey(one.metric, one.labels) ?? '', one]));
    for (const { metric, labels, value } of samples) metrics.gauge(metric, labels, value);
    for (const [key, { metric, labels, value }] of before ?? [])
      if (value !== 0 && !now.has(key)) metrics.gauge(metric, labels, 0);
    this.#told.set(which, now);
  }
}
