/**
 * The requests that this launcher serves at the moment, and their orderly end when it stops.
 */
import type { Quota } from '../../schemas/quota.ts';
import { NodepoolError } from '../../shared/base/errors.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { Context } from '../context.ts';
import type { Pool } from '../pools/pool.ts';
import type { DeclineCode, Reason } from '../assignment/reasons.ts';
import type { Accepted, Served, ServeResult } from './job.ts';
import { Journal } from './journal.ts';
import { Progress } from './progress.ts';
import { serveRequest } from './serve.ts';
import { TenantNeeds } from './tenant-needs.ts';

export interface ServingOptions {
  readonly context: Context;
  /** Ids of ready nodes that a request is about to take. */
  readonly claimed: Set<string>;
  readonly registeredIds: () => readonly string[];
  /** Another request may be begun. */
  readonly onRoomToStart: () => void;
  /** Room that the pool had kept for it and did not use is free by then. */
  readonly onDone: (request: StoredRequest, result: ServeResult, pool: Pool) => void;
  /** A pool that was serving it gave up for good. */
  readonly onDeclined: (id: string, pool: Pool, reasons: readonly Reason<DeclineCode>[]) => void;
}

interface Entry extends Served {
  readonly gone: AbortController;
  readonly yielding: AbortController;
}

/**
 * Nodes that are being begun at the same time: enough to fill the groups in which their transactions
 * are sent (shared/zookeeper/transaction-groups.ts) several times over. Fuller groups are less work for
 * both sides: with 24, a burst of 200 took a third longer, for its first requests, too.
 */
const MOST_BEGINNING = 200;

export class Serving {
  /** Tells how requests are served. */
  readonly journal: Journal;
  readonly #options: ServingOptions;
  /** In the order in which they were begun. */
  readonly #served = new Map<string, Entry>();
  readonly #tenants: TenantNeeds;
  readonly #work = new Set<Promise<void>>();
  /** Nodes whose launch is not under way yet. */
  #beginning = 0;
  readonly #draining = new AbortController();
  readonly #stopping = new AbortController();

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#tenants = new TenantNeeds(options.context.store.nodes);
    this.journal = new Journal(options.context.log);
  }

  /** What is being served for a tenant and does not count as used yet. */
  needOfTenant(tenant: string): Quota {
    return this.#tenants.of(tenant);
  }

  /** Whether another request may be begun. */
  get mayStart(): boolean {
    return this.#beginning < MOST_BEGINNING;
  }

  /** Nothing is being served. */
  get isIdle(): boolean {
    return this.#served.size === 0;
  }

  get size(): number {
    return this.#work.size;
  }

  isServing(id: string): boolean {
    return this.#served.has(id);
  }

  /** What is being served, in the order in which it was begun. */
  all(): IterableIterator<Served> {
    return this.#served.values();
  }

  served(id: string): Served | undefined {
    return this.#served.get(id);
  }

  /** The request's znode is gone. */
  requestGone(id: string): void {
    this.#served.get(id)?.gone.abort(new NodepoolError('NP_ABORTED', `request ${id} is gone`));
  }

  /** The request waits for room no longer, and goes back: what it has serves one before it. */
  yieldRoom(id: string, to: string): void {
    const reason = `its room is needed for request ${to}, which comes before it`;
    this.#served.get(id)?.yielding.abort(new NodepoolError('NP_ABORTED', reason));
  }

  /**
   * The pool is to take nothing new: requests that wait for its room, now or later, go back. What is
   * being launched goes on.
   */
  giveBack(pool: Pool, reason: string): void {
    for (const served of this.#served.values()) {
      if (served.pool === pool) served.yielding.abort(new NodepoolError('NP_ABORTED', reason));
    }
  }

  /** Serves a request that the pool has accepted. Room is reserved before this returns. */
  start(pool: Pool, request: StoredRequest, accepted: Accepted): void {
    const { context, claimed, registeredIds, onDone, onDeclined } = this.#options;
    const gone = new AbortController();
    const progress = new Progress(request.record.node_types, context.clock, (node, left) => {
      this.journal.stepped(entry, node, left);
    });
    const yielding = new AbortController();
    const entry = { request, pool, progress, gone, yielding };
    this.#served.set(request.id, entry);
    this.journal.begun(entry);
    this.#tenants.add(entry);
    const claims = accepted.plan.nodes.filter((node) => node !== undefined);
    for (const node of claims) claimed.add(node);
    const onFilling = accepted.fitsNow ? (): void => undefined : pool.beginWaiting();
    const reservations = accepted.plan.nodes.map((node, index) => {
      if (!accepted.fitsNow || node !== undefined) return undefined;
      const label = request.record.node_types[index] ?? '';
      return pool.capacity.reserve(pool.provider.label(pool.name, label).need);
    });
    const beginning = new Set(request.record.node_types.keys());
    this.#beginning += beginning.size;
    const onBegun = (index: number): void => {
      if (!beginning.delete(index)) return;
      this.#beginning--;
      if (this.mayStart) this.#options.onRoomToStart();
    };
    const work = this.#serve({
      pool,
      request,
      accepted,
      reservations,
      registeredIds,
      stopping: this.#stopping.signal,
      draining: this.#draining.signal,
      gone: gone.signal,
      yielding: yielding.signal,
      progress,
      onFilling,
      onBegun,
      onDeclined: (reasons) => {
        onDeclined(request.id, pool, reasons);
      },
    })
      .then((result) => {
        onFilling();
        for (const index of [...beginning]) onBegun(index);
        for (const node of claims) claimed.delete(node);
        for (const reservation of reservations) reservation?.end();
        this.#served.delete(request.id);
        this.#tenants.remove(entry);
        this.journal.ended(entry, result);
        onDone(request, result, pool);
      })
      .finally(() => {
        this.#work.delete(work);
      });
    this.#work.add(work);
    context.supervise('serve a request', work);
  }

  /**
   * Ends: requests that wait for quota go back at once; launches may end within the time given; what
   * is left then is handed over to the next launcher.
   */
  async stop(graceMs: number): Promise<void> {
    const { clock } = this.#options.context;
    this.#draining.abort(new NodepoolError('NP_ABORTED', 'the launcher stops'));
    const cancel = clock.after(graceMs, () => {
      this.#stopping.abort(new NodepoolError('NP_ABORTED', 'the launcher stops'));
    });
    await Promise.allSettled(this.#work);
    cancel();
  }

  async #serve(job: Parameters<typeof serveRequest>[1]): Promise<ServeResult> {
    try {
      return await serveRequest(this.#options.context, job);
    } catch (error) {
      this.#options.context.log.error('a request could not be served', {
        request: job.request.id,
        error,
      });
      return 'lost';
    }
  }
}
