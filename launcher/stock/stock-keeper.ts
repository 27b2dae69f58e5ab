/**
 * Keeps `min-ready` nodes in stock, by requests of our own as the original does: one for each missing
 * node, priority 900, ending with our session. Acts when nodes, requests or the configuration change.
 *
 * Our request's nodes are free once we have deleted the request. A label that cannot be had now (no
 * quota, no image) is asked for again with growing pauses, at once when a node of a pool with the
 * label goes away.
 */
import { randomUUID } from 'node:crypto';

import type { Config, LabelDefinition } from '../../schemas/config/model.ts';
import { MIN_READY_REQUESTOR, newRequest } from '../../schemas/records/request.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import { seconds, type Context } from '../context.ts';
import type { Pool } from '../pools/pool.ts';
import { isStockKeeper, missingStock } from './min-ready.ts';

const PRIORITY = '900';
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 300_000;
/** Stock is refilled after so long, so that it does not get in the way of the requests that took it. */
const SETTLE_MS = 500;
/** How long a gap must stay until a launcher that is not the label's keeper acts. */
const STAND_IN_MS = 30_000;
/** Requests made at once for one label; the next come when these are answered. */
const MOST_AT_ONCE = 100;

export interface StockKeeperOptions {
  readonly context: Context;
  readonly config: () => Config;
  readonly pools: () => Iterable<Pool>;
  readonly registered: () => readonly RegisteredPool[];
  readonly ownPools: () => ReadonlySet<string>;
}

export class StockKeeper {
  readonly #options: StockKeeperOptions;
  readonly #context: Context;
  /** Open standby requests by label, of all launchers. */
  readonly #requested = new Map<string, Set<string>>();
  /** Ours. */
  readonly #own = new Set<string>();
  /** Requests being made; they count until the cache knows them. */
  readonly #making = new Map<string, number>();
  readonly #pauses = new Map<string, { ms: number; until: number }>();
  /** Since when another launcher's gap stays. */
  readonly #gapSince = new Map<string, number>();
  #isScheduled = false;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: StockKeeperOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** Something that counts has changed. */
  changed(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    this.#cancel = this.#context.clock.after(SETTLE_MS, () => {
      this.#isScheduled = false;
      this.#keep();
    });
  }

  /** A request has changed or is gone. */
  requestChanged(before: StoredRequest | undefined, after: StoredRequest | undefined): void {
    const request = after ?? before;
    if (request?.record.requestor !== MIN_READY_REQUESTOR) return;
    const label = request.record.node_types[0] ?? '';
    const isOpen =
      after !== undefined && after.record.state !== 'fulfilled' && after.record.state !== 'failed';
    let open = this.#requested.get(label);
    if (isOpen) {
      if (!open) this.#requested.set(label, (open = new Set()));
      open.add(request.id);
      return;
    }
    open?.delete(request.id);
    if (after && this.#own.has(after.id)) this.#close(after, label);
    this.changed();
  }

  /** Room may have come: labels that could not be had are tried again at once. */
  roomCame(labels: Iterable<string>): void {
    for (const label of labels) {
      const pause = this.#pauses.get(label);
      if (pause) pause.until = 0;
    }
    this.changed();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #close(request: StoredRequest, label: string): void {
    this.#own.delete(request.id);
    if (request.record.state === 'failed') this.#pause(label);
    else this.#pauses.delete(label);
    this.#context.supervise(
      'delete a standby request',
      this.#context.store.requests.delete(request.id),
    );
  }

  #pause(label: string): void {
    const last = this.#pauses.get(label)?.ms ?? FIRST_PAUSE_MS / 2;
    const ms = Math.min(last * 2, LAST_PAUSE_MS);
    this.#pauses.set(label, { ms, until: this.#context.clock.monotonic() + ms });
    this.#context.clock.after(ms, () => {
      this.changed();
    });
  }

  #keep(): void {
    if (this.#isStopped || !this.#context.store.isCurrent) return;
    for (const label of this.#options.config().labels.values()) {
      if (label.minReady > 0) this.#keepLabel(label);
    }
  }

  #keepLabel(label: LabelDefinition): void {
    const { name } = label;
    const requested = (this.#requested.get(name)?.size ?? 0) + (this.#making.get(name) ?? 0);
    const ready = this.#context.store.usage.standbyCount(name);
    const missing = missingStock({ label, ready, requested });
    if (missing === 0) {
      this.#gapSince.delete(name);
      return;
    }
    if (!this.#canServe(name) || !this.#isTurn(name)) return;
    if ((this.#pauses.get(name)?.until ?? 0) > this.#context.clock.monotonic()) return;
    for (let count = Math.min(missing, MOST_AT_ONCE); count > 0; count--) {
      this.#context.supervise('make a standby request', this.#request(name));
    }
  }

  /** Whether a pool here has the label with an image, and could ever launch it. */
  #canServe(label: string): boolean {
    for (const pool of this.#options.pools()) {
      if (!pool.config.labels.has(label) || pool.provider.connection.inventory) continue;
      if (pool.isDrained) continue;
      const view = pool.view([]).label(label);
      if (view?.hasImage && view.offline === undefined) return true;
    }
    return false;
  }

  #isTurn(label: string): boolean {
    const { registered, ownPools } = this.#options;
    if (isStockKeeper(label, registered(), ownPools())) return true;
    const now = this.#context.clock.monotonic();
    const since = this.#gapSince.get(label);
    if (since === undefined) {
      this.#gapSince.set(label, now);
      this.#context.clock.after(STAND_IN_MS, () => {
        this.changed();
      });
      return false;
    }
    return now - since >= STAND_IN_MS;
  }

  async #request(label: string): Promise<void> {
    const now = seconds(this.#context.clock);
    const record = newRequest(
      {
        node_types: [label],
        requestor: MIN_READY_REQUESTOR,
        reuse: false,
        event_id: randomUUID().replaceAll('-', ''),
      },
      now,
    );
    this.#making.set(label, (this.#making.get(label) ?? 0) + 1);
    try {
      const id = await this.#context.store.requests.submitEphemeral(PRIORITY, record);
      this.#own.add(id);
      const stored = this.#context.store.requests.get(id);
      if (stored) this.requestChanged(undefined, stored);
    } finally {
      this.#making.set(label, Math.max(0, (this.#making.get(label) ?? 1) - 1));
    }
  }
}
