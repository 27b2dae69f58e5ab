/**
 * Borrowed nodes of providers that nobody has any more: their locks outlive every process, so nobody
 * else would ever give them back (the original leaves them for ever).
 *
 * With care, because a launcher that is just being restarted looks the same: a provider that left the
 * configuration of this very process counts as gone once no launcher offers it, any other only after
 * ten minutes without one. Its unused nodes are deleted first; they stand on nodes that are going to
 * be deleted, so there is nothing of them in any cloud. While one is in use, all stays.
 */
import { DELETABLE_STATES } from '../../schemas/records/node.ts';
import type { Loan } from '../../shared/store/loans.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import { seconds, toState, type Context } from '../context.ts';
import { providerOf } from './owner.ts';

const ABSENT_MS = 600_000;

export interface LeftBehindOptions {
  readonly context: Context;
  /** Whether this process or any other launcher online has the provider. */
  readonly isPresent: (provider: string) => boolean;
}

export class LeftBehind {
  readonly #context: Context;
  readonly #isPresent: (provider: string) => boolean;
  /** Since when (monotonic milliseconds) a provider with borrowed nodes is nowhere. */
  readonly #absentSince = new Map<string, number>();
  /** Nodes that were given back but not unlocked, as seen in the last round. */
  #halfReturned = new Set<string>();

  constructor({ context, isPresent }: LeftBehindOptions) {
    this.#context = context;
    this.#isPresent = isPresent;
  }

  /** The provider is not in our configuration any more. */
  providerLeft(provider: string): void {
    this.#absentSince.set(provider, -Infinity);
  }

  async sweep(): Promise<void> {
    const byProvider = new Map<string, Loan[]>();
    for (const loan of this.#context.store.loans.all()) {
      const provider = providerOf(loan.owner);
      if (provider === undefined) continue;
      const loans = byProvider.get(provider);
      if (loans) loans.push(loan);
      else byProvider.set(provider, [loan]);
    }
    for (const provider of [...this.#absentSince.keys()]) {
      if (!byProvider.has(provider)) this.#absentSince.delete(provider);
    }
    await this.#finishReturns([...byProvider.values()].flat());
    for (const [provider, loans] of byProvider) {
      if (this.#isGone(provider)) await this.#release(provider, loans);
    }
  }

  #isGone(provider: string): boolean {
    const now = this.#context.clock.monotonic();
    if (this.#isPresent(provider)) {
      this.#absentSince.delete(provider);
      return false;
    }
    const since = this.#absentSince.get(provider) ?? now;
    this.#absentSince.set(provider, since);
    return now - since >= ABSENT_MS;
  }

  async #release(provider: string, loans: readonly Loan[]): Promise<void> {
    const { store, log } = this.#context;
    let left = 0;
    for (const node of [...store.nodes.cache.values()]) {
      if (node.record.provider !== provider) continue;
      if (!(await this.#removeUnused(node))) left++;
    }
    if (left > 0) return;
    for (const loan of loans) {
      await this.#giveBack(loan);
      log.info('borrowed node given back: its provider is gone', {
        node: loan.node.id,
        owner: loan.owner,
      });
    }
  }

  /** True when it is gone. */
  async #removeUnused(stored: StoredNode): Promise<boolean> {
    const { store, clock } = this.#context;
    const { state, allocated_to } = stored.record;
    const isUnused = DELETABLE_STATES.has(state) || (state === 'ready' && allocated_to === null);
    if (!isUnused || store.nodes.isLocked(stored.id)) return false;
    const node = await store.nodes.take(stored, toState(clock, 'deleting'));
    if (!node) return false;
    await store.nodes.remove(node, seconds(clock));
    return true;
  }

  /** A launcher of the original's may die between writing `used` and taking the lock away. */
  async #finishReturns(loans: readonly Loan[]): Promise<void> {
    const halfReturned = new Set<string>();
    for (const loan of loans) {
      if (loan.node.record.state !== 'used') continue;
      if (this.#halfReturned.has(loan.node.id)) await this.#giveBack(loan);
      else halfReturned.add(loan.node.id);
    }
    this.#halfReturned = halfReturned;
  }

  async #giveBack({ node }: Loan): Promise<void> {
    const { store, clock } = this.#context;
    const owned = store.loans.hold(node.id, node.version);
    if (!owned) return;
    await store.transaction().set(owned, toState(clock, 'used')).release(owned).commit();
  }
}
