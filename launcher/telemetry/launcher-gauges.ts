/** All gauges of a launcher, and who tells them. */
import type { Config } from '../../schemas/config/model.ts';
import type { Sample } from '../../shared/telemetry/metric.ts';
import type { Context } from '../context.ts';
import type { ExplainParts } from '../explain/parts.ts';
import { ClusterGauges } from './cluster-gauges.ts';
import { GaugeSender } from './gauge-sender.ts';
import { limitGauges, queueGauges } from './local-gauges.ts';
import { workGauges } from './work-gauges.ts';

export interface LauncherGaugesOptions {
  readonly context: Context;
  readonly parts: () => ExplainParts;
  readonly config: () => Config;
  readonly hostname: string;
}

export class LauncherGauges {
  readonly #options: LauncherGaugesOptions;
  readonly #cluster: ClusterGauges;
  #sender: GaugeSender | undefined;

  /** Counts from the store's first change on, so it must not have started. */
  constructor(options: LauncherGaugesOptions) {
    this.#options = options;
    this.#cluster = new ClusterGauges(options.context.store);
  }

  /** Tells statsd from now on, if somebody listens there. */
  start(): void {
    const { context, hostname } = this.#options;
    if (!context.metrics.takesGauges) return;
    this.#sender = new GaugeSender({
      context,
      identifier: `${hostname}-${process.pid}`,
      cluster: () => this.#cluster.samples(),
      local: () => this.#local(),
    });
    this.#sender.start();
  }

  async stop(): Promise<void> {
    await this.#sender?.stop();
  }

  /** All values of now. */
  samples(): Sample<'gauge'>[] {
    const { parts, config } = this.#options;
    const { requests } = this.#cluster;
    return [
      ...this.#cluster.samples(),
      ...this.#local(),
      ...workGauges({ parts: parts(), config: config(), requests }),
    ];
  }

  #local(): Sample<'gauge'>[] {
    const { context, config, hostname } = this.#options;
    return [...limitGauges(config()), ...queueGauges(context.store, hostname)];
  }
}
