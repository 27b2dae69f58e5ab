/**
 * Brings waiting requests and this launcher's pools together, woken by events and never by a clock.
 *
 * What has changed (a request, a pool's room, who is online) is collected, and looked at in one turn
 * of the event loop, in the order of service. A turn that takes long goes on in the next one, so that
 * the connection to ZooKeeper is served in between. Declines of several pools are one write.
 */
import { sayReasons, type Reason } from './reasons.ts';
import { compareRequests } from '../../shared/store/waiting.ts';
import type { OwnedRequest, StoredRequest } from '../../shared/store/requests.ts';
import { toState, type Context } from '../context.ts';
import type { Pool } from '../pools/pool.ts';
import { declinePatch } from '../requests/finish.ts';
import type { Accepted } from '../requests/job.ts';
import { decide, type Decision } from './decide.ts';
import type { RegisteredPool } from './pool-view.ts';

/** Longest time in one turn, so that pings and other events are not kept waiting. */
const TURN_MS = 8;

/**
 * A request whose lock somebody else has is tried again after this, doubled each time up to the
 * limit: its holder need not write anything, so no event may come.
 */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 1000;

/** A decision with the pool that made it. */
export interface PoolDecision {
  readonly pool: Pool;
  readonly decision: Decision;
}

export interface AssignerOptions {
  readonly context: Context;
  readonly pools: () => Iterable<Pool>;
  /** All pools online, of all launchers. */
  readonly registered: () => readonly RegisteredPool[];
  /**
   * Whether another request may be begun now. While not, requests wait in their order, and one that
   * comes later with a higher priority is still taken first; `resume` goes on.
   */
  readonly mayStart: () => boolean;
  /** Starts serving; the pool has accepted. */
  readonly serve: (pool: Pool, request: StoredRequest, accepted: Accepted) => void;
}

export class Assigner {
  readonly #options: AssignerOptions;
  readonly #context: Context;
  readonly #requests = new Set<string>();
  readonly #pools = new Set<Pool>();
  /** Requests that are being served or declined by us. */
  readonly #busy = new Set<string>();
  /** What was decided last on each request that still waits: for people, and to log changes only. */
  readonly #last = new Map<string, string>();
  readonly #retryMs = new Map<string, number>();
  #isAll = false;
  #isScheduled = false;
  #rest: Iterator<StoredRequest> | undefined;
  #isStopped = false;

  constructor(options: AssignerOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** A request is new or has changed. */
  requestChanged(id: string): void {
    this.#requests.add(id);
    this.#schedule();
  }

  requestGone(id: string): void {
    this.#requests.delete(id);
    this.#last.delete(id);
    this.#retryMs.delete(id);
  }

  /** A pool may have room, or nodes, that it had not before. */
  poolChanged(pool: Pool): void {
    this.#pools.add(pool);
    this.#schedule();
  }

  /** Something changed that concerns every decision. */
  everythingChanged(): void {
    this.#isAll = true;
    this.#schedule();
  }

  /** The request is not in our hands any more. `wasTaken` false: somebody else had its lock. */
  requestDone(id: string, wasTaken: boolean): void {
    if (wasTaken) {
      this.#retryMs.delete(id);
      this.#busy.delete(id);
      this.requestChanged(id);
      return;
    }
    const pause = this.#retryMs.get(id) ?? FIRST_RETRY_MS;
    this.#retryMs.set(id, Math.min(pause * 2, LAST_RETRY_MS));
    this.#context.clock.after(pause, () => {
      this.#busy.delete(id);
      this.requestChanged(id);
    });
  }

  /** Something that was begun is under way now, so there may be room to begin the next. */
  resume(): void {
    if (this.#rest || this.#isAll || this.#pools.size > 0 || this.#requests.size > 0) {
      this.#schedule();
    }
  }

  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  /** Takes no more requests. */
  stop(): void {
    this.#isStopped = true;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#isStopped || !this.#context.store.isCurrent) return;
    const online = this.#online();
    const end = this.#context.clock.monotonic() + TURN_MS;
    while (this.#options.mayStart()) {
      const next = this.#next(online);
      if (!next) break;
      this.#consider(next.request, next.pools);
      if (this.#context.clock.monotonic() > end) {
        this.#schedule();
        return;
      }
    }
  }

  /** The next request to look at, with the pools that are to look. */
  #next(online: readonly Pool[]): { request: StoredRequest; pools: readonly Pool[] } | undefined {
    for (;;) {
      if (this.#rest && this.#requests.size > 0) this.#rest = this.#withNew(this.#rest);
      this.#rest ??= this.#collect();
      if (!this.#rest) return undefined;
      const next = this.#rest.next();
      if (next.done === true) {
        this.#rest = undefined;
        continue;
      }
      const request = this.#context.store.requests.get(next.value.id);
      if (request?.record.state !== 'requested' || this.#busy.has(request.id)) continue;
      return { request, pools: online };
    }
  }

  /** What has changed since the last time, in the order of service. */
  #collect(): Iterator<StoredRequest> | undefined {
    const { waiting } = this.#context.store.requests;
    if (this.#isAll) {
      this.#isAll = false;
      this.#pools.clear();
      this.#requests.clear();
      return waiting.inOrder(() => true);
    }
    if (this.#pools.size > 0) {
      const pools = [...this.#pools];
      this.#pools.clear();
      return this.#whileOpen(pools);
    }
    if (this.#requests.size > 0) return this.#takeChanged().sort(compareRequests).values();
    return undefined;
  }

  /** What is left of a round that was broken off, and what has come since, in the order of service. */
  #withNew(rest: Iterator<StoredRequest>): Iterator<StoredRequest> {
    const left = [...{ [Symbol.iterator]: () => rest }];
    return [...left, ...this.#takeChanged()].sort(compareRequests).values();
  }

  #takeChanged(): StoredRequest[] {
    const changed = [...this.#requests].flatMap((id) => {
      const stored = this.#context.store.requests.get(id);
      return stored?.record.state === 'requested' ? [stored] : [];
    });
    this.#requests.clear();
    return changed;
  }

  /** Requests that the pools could serve, until none of them can take another one. */
  *#whileOpen(pools: readonly Pool[]): Generator<StoredRequest> {
    const serves = (labels: ReadonlySet<string>): boolean =>
      pools.some((pool) => pool.serves(labels));
    for (const request of this.#context.store.requests.waiting.inOrder(serves)) {
      if (!pools.some((pool) => pool.isOpen)) return;
      yield request;
    }
  }

  /** Pools that other launchers see, too: one that is not registered yet decides nothing. */
  #online(): Pool[] {
    const ids = new Set(this.#options.registered().map((pool) => pool.id));
    return [...this.#options.pools()].filter((pool) => ids.has(pool.id));
  }

  #consider(request: StoredRequest, pools: readonly Pool[]): void {
    const registered = this.#options.registered();
    const decisions = pools.map((pool) => ({
      pool,
      decision: decide(request.record, pool.view(registered)),
    }));
    this.#logChange(request, decisions);
    const best = chooseAccepting(decisions, this.#context.random);
    if (best) {
      this.#busy.add(request.id);
      this.#options.serve(best.pool, request, best.decision);
      return;
    }
    for (const { pool, decision } of decisions) {
      if (decision.kind !== 'defer') continue;
      if (decision.reasons.some((reason) => reason.code === 'quota-here-not-elsewhere')) {
        pool.isBlocked = true;
      }
    }
    const declining = decisions.filter(({ decision }) => decision.kind === 'decline');
    // Who had not declined yet may have gone: then nobody else is left to say that it failed.
    const isLeftAlone =
      decisions.length > 0 && registered.every(({ id }) => hasDeclined(request, id));
    if (declining.length > 0 || isLeftAlone) this.#decline(request, declining);
  }

  #decline(request: StoredRequest, declining: readonly PoolDecision[]): void {
    this.#busy.add(request.id);
    const ids = declining.map(({ pool }) => pool.id);
    const registered = this.#options.registered().map((pool) => pool.id);
    const patch = declinePatch(request.record, ids, registered);
    const work = this.#context.store.requests
      .take(request, { ...patch, ...toState(this.#context.clock, patch.state) })
      .then(async (owned: OwnedRequest | undefined) => {
        await owned?.release();
        return owned !== undefined;
      });
    this.#context.supervise(
      'decline a request',
      work
        .catch(() => false)
        .then((wasTaken) => {
          this.requestDone(request.id, wasTaken);
        }),
    );
    this.#context.supervise('decline a request', work);
  }

  #logChange(request: StoredRequest, decisions: readonly PoolDecision[]): void {
    const words = decisions.map(({ pool, decision }) => `${pool.key}: ${say(decision)}`).join(', ');
    if (this.#last.get(request.id) === words) return;
    this.#last.set(request.id, words);
    for (const { pool, decision } of decisions) {
      if (decision.kind !== 'decline' && decision.kind !== 'defer') continue;
      const reasons: readonly Reason[] = decision.reasons;
      this.#context.log.info(
        decision.kind === 'decline' ? 'request declined' : 'request deferred',
        {
          event_id: request.record.event_id,
          request: request.id,
          provider: pool.provider.name,
          pool: pool.name,
          reason: sayReasons(reasons),
        },
      );
    }
  }
}

function hasDeclined({ record }: StoredRequest, pool: string): boolean {
  return record.declined_by.includes(pool);
}

function say(decision: Decision): string {
  if (decision.kind !== 'decline' && decision.kind !== 'defer') return decision.kind;
  const reasons: readonly Reason<string>[] = decision.reasons;
  return reasons.map((reason) => reason.code).join('+');
}

/** Among pools that accept: where it fits now, then lower priority, fewer launches, chance. */
export function chooseAccepting(
  decisions: readonly PoolDecision[],
  random: () => number,
): { pool: Pool; decision: Accepted } | undefined {
  let best: { pool: Pool; decision: Accepted; rank: readonly number[] } | undefined;
  for (const { pool, decision } of decisions) {
    if (decision.kind !== 'accept') continue;
    const rank = [
      decision.fitsNow ? 0 : 1,
      pool.config.priority,
      pool.provider.ledger.launching,
      random(),
    ];
    if (!best || isLower(rank, best.rank)) best = { pool, decision, rank };
  }
  return best;
}

function isLower(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value < other;
  }
  return false;
}
