/**
 * Brings waiting requests and this launcher's pools together, woken by events and never by a clock.
 *
 * What has changed (a request, a pool's room, who is online) is collected, and looked at in one turn
 * of the event loop, in the order of service. A turn that takes long goes on in the next one, so that
 * the connection to ZooKeeper is served in between. Declines of several pools are one write.
 */
import type { Answers, PoolDecision } from './answers.ts';
import type { OwnedRequest, StoredRequest } from '../../shared/store/requests.ts';
import { seconds, toState, type Context } from '../context.ts';
import type { Pool } from '../pools/pool.ts';
import { declinePatch } from '../requests/finish.ts';
import type { Accepted } from '../requests/job.ts';
import { logDecisions } from './log-decisions.ts';
import { PoolDecisions, type OwnPools } from './pool-decisions.ts';
import type { OnlinePools } from './pool-view.ts';
import { RequestQueue } from './request-queue.ts';

/** Longest time in one turn, so that pings and other events are not kept waiting. */
const TURN_MS = 5;

/**
 * A request whose lock somebody else has is tried again after this, doubled each time up to the
 * limit: its holder need not write anything, so no event may come.
 */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 1000;

export interface AssignerOptions {
  readonly context: Context;
  readonly pools: OwnPools;
  /** All pools online, of all launchers. */
  readonly online: OnlinePools;
  /** Whether a provider is being started for the first time; tell when that ends. */
  readonly isStarting: () => boolean;
  /** Takes down what was decided, for people, and so that only changes are logged. */
  readonly answers: Answers;
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
  readonly #queue: RequestQueue<Pool>;
  readonly #decisions: PoolDecisions;
  /** Requests that are being served or declined by us. */
  readonly #busy = new Set<string>();
  readonly #retryMs = new Map<string, number>();
  #isScheduled = false;
  #isStopped = false;

  constructor(options: AssignerOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#queue = new RequestQueue(options.context.store.requests);
    const { pools: own, online, isStarting } = options;
    this.#decisions = new PoolDecisions({ own, online, isStarting });
  }

  /** A request is new or has changed. */
  requestChanged(id: string): void {
    this.#queue.requestChanged(id);
    this.#schedule();
  }

  requestGone(id: string): void {
    this.#queue.requestGone(id);
    this.#options.answers.forget(id);
    this.#retryMs.delete(id);
  }

  /** A pool may have room, or nodes, that it had not before. */
  poolChanged(pool: Pool): void {
    this.#queue.poolChanged(pool);
    this.#schedule();
  }

  /** Something changed that concerns every decision. */
  everythingChanged(): void {
    this.#queue.everythingChanged();
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
    if (!this.#queue.isEmpty) this.#schedule();
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
    this.#decisions.forget();
    const end = this.#context.clock.monotonic() + TURN_MS;
    while (this.#options.mayStart()) {
      const request = this.#queue.next();
      if (!request) break;
      if (!this.#busy.has(request.id)) this.#consider(request);
      if (this.#context.clock.monotonic() > end) {
        this.#schedule();
        return;
      }
    }
  }

  #consider(request: StoredRequest): void {
    const decisions = this.#decisions.on(request.record, seconds(this.#context.clock));
    if (this.#options.answers.note(request, decisions)) {
      logDecisions(this.#context.log, request, decisions);
    }
    const best = chooseAccepting(decisions, this.#context.random);
    if (best) {
      this.#busy.add(request.id);
      this.#options.serve(best.pool, request, best.decision);
      this.#decisions.forget();
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
      decisions.length > 0 &&
      this.#options.online.all().every(({ id }) => hasDeclined(request, id));
    if (declining.length > 0 || isLeftAlone) this.#decline(request, declining);
  }

  #decline(request: StoredRequest, declining: readonly PoolDecision[]): void {
    this.#busy.add(request.id);
    const ids = declining.map(({ pool }) => pool.id);
    const registered = this.#options.online.all().map((pool) => pool.id);
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
}

function hasDeclined({ record }: StoredRequest, pool: string): boolean {
  return record.declined_by.includes(pool);
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
