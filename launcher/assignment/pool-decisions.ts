/**
 * What this launcher's pools say to a request. Asks only those whom it can concern, and asks once for
 * all requests that are alike, as long as nothing has changed: five thousand requests that wait for
 * the same few pools cost little more than one.
 */
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { Pool } from '../pools/pool.ts';
import type { PoolDecision } from './answers.ts';
import { decide, kindOf } from './decide.ts';
import type { OnlinePools } from './pool-view.ts';

export interface OwnPools {
  all(): Iterable<Pool>;
  byId(id: string): Pool | undefined;
}

export interface PoolDecisionsOptions {
  readonly own: OwnPools;
  readonly online: OnlinePools;
  /** Whether a provider is being started for the first time: its pools are not there yet. */
  readonly isStarting: () => boolean;
}

export class PoolDecisions {
  readonly #own: OwnPools;
  readonly #online: OnlinePools;
  readonly #isStarting: () => boolean;
  readonly #known = new Map<string, readonly PoolDecision[]>();

  constructor({ own, online, isStarting }: PoolDecisionsOptions) {
    this.#own = own;
    this.#online = online;
    this.#isStarting = isStarting;
  }

  /**
   * Decisions of the own pools that others see, too: one that is not registered yet decides nothing.
   * While some pool online can serve the request those that lack its labels only let it pass, and are
   * left out; when there is none, they are the ones who say so.
   */
  on(record: RequestRecord, nowSeconds: number): readonly PoolDecision[] {
    const kind = kindOf(record, nowSeconds);
    let decisions = this.#known.get(kind);
    if (!decisions) {
      decisions = this.#ask(record);
      this.#known.set(kind, decisions);
    }
    return decisions;
  }

  /** What decisions rest on may have changed. */
  forget(): void {
    this.#known.clear();
  }

  #ask(record: RequestRecord): PoolDecision[] {
    const able = this.#online.withLabels(record.node_types);
    const isHopeless = able.every(({ id }) => record.declined_by.includes(id));
    const pools = isHopeless
      ? [...this.#own.all()].filter(({ id }) => this.#online.isOnline(id))
      : able.flatMap(({ id }) => this.#own.byId(id) ?? []);
    const decisions = pools.map((pool) => ({ pool, decision: decide(record, pool.view(able)) }));
    const isFinal = ({ decision: { kind } }: PoolDecision): boolean =>
      kind === 'decline' || kind === 'ignore';
    if (!decisions.some(isFinal) || this.#isComplete()) return decisions;
    return decisions.filter((one) => !isFinal(one));
  }

  /**
   * Until all own pools are seen online nobody says no: the last to decline fails the request, and one
   * that is just coming may be the one to serve it.
   */
  #isComplete(): boolean {
    if (this.#isStarting()) return false;
    for (const { id } of this.#own.all()) if (!this.#online.isOnline(id)) return false;
    return true;
  }
}
