/**
 * Writes to records whose locks we hold, all or nothing, in the order in which they are added.
 *
 * The order is an interface: Zuul sees the nodes unlocked before the request is fulfilled, and the
 * request fulfilled before it is unlocked. Each record's write is fenced by its lock; giving the lock
 * back in the same transaction is such a fence itself. An answer lost on the way is settled by looking
 * whether one effect is there; a transaction has all effects or none.
 */
import { hasLabel } from '../base/errors.ts';
import type { OwnWrite } from '../zookeeper/tree-cache.ts';
import type { MultiOp, MultiResult, ZooKeeper } from '../zookeeper/types.ts';
import type { Owned } from './owned.ts';
import { written } from './written.ts';

/** After so many lost answers in a row the connection is not worth another try. */
const MAX_LOST_ANSWERS = 5;

interface Step {
  readonly ops: readonly MultiOp[];
  /** The last of the step's results, when all have succeeded. */
  done(result: MultiResult | undefined): void;
  /** What caches must know of before, and after. */
  readonly pendingPath?: string;
  readonly owned: AnyOwned;
  /** It deletes the lock's child. */
  readonly freesLock?: boolean;
  /** What it does is to give the lock back. */
  readonly givesBack?: boolean;
  outcome?(result: MultiResult | undefined): readonly OwnWrite[];
  /** Whether the step's effect is in ZooKeeper. */
  isDone(client: ZooKeeper): Promise<boolean>;
}

// The transaction never looks into records, so their type does not matter here.
type AnyOwned = Pick<Owned<never>, 'path' | 'held'> & {
  cache: { tree: Owned<never>['cache']['tree'] };
};

export class Transaction {
  readonly #client: ZooKeeper;
  readonly #steps: Step[] = [];
  /** Paths of records that this transaction writes. */
  readonly #written = new Set<string>();

  constructor(client: ZooKeeper) {
    this.#client = client;
  }

  /** Replaces fields of a record. */
  set<R extends object>(owned: Owned<R>, patch: Partial<R>): this {
    this.#written.add(owned.path);
    const record = { ...owned.record, ...patch };
    const data = owned.cache.encode(record);
    const expected = owned.version;
    this.#steps.push({
      owned,
      ops: [{ op: 'set', path: owned.path, data, version: expected }],
      pendingPath: owned.path,
      done: (result) => {
        if (result?.op === 'set') owned.settle(record, result.stat.version);
      },
      outcome: (result) => written(owned.path, data, result),
      isDone: async (client) => {
        if (!(await client.exists(owned.path))) return false;
        const now = await client.get(owned.path);
        return now.stat.version === expected + 1 && now.data.equals(data);
      },
    });
    return this;
  }

  /** Gives the lock back, after what is staged has been written. */
  release<R extends object>(owned: Owned<R>): this {
    if (owned.hasStaged && !this.#written.has(owned.path)) this.set(owned, {});
    this.#steps.push({
      owned,
      freesLock: true,
      givesBack: true,
      ops: [owned.held.releaseOp()],
      done: () => {
        owned.held.released();
      },
      isDone: async (client) => (await client.exists(owned.held.childPath)) === undefined,
    });
    return this;
  }

  /** Deletes a record with the lock below it. Fails where somebody else waits for the lock. */
  remove(owned: AnyOwned): this {
    this.#steps.push({
      owned,
      freesLock: true,
      ops: [
        owned.held.releaseOp(),
        { op: 'delete', path: owned.held.path },
        { op: 'delete', path: owned.path },
      ],
      pendingPath: owned.path,
      done: () => {
        owned.held.released();
      },
      outcome: () => [{ path: owned.path, isDeleted: true }],
      isDone: async (client) => (await client.exists(owned.path)) === undefined,
    });
    return this;
  }

  async commit(): Promise<void> {
    if (this.#steps.length === 0) return;
    for (let lost = 0; ; lost++) {
      try {
        await this.#run();
        return;
      } catch (error) {
        const isAmbiguous = hasLabel(error, 'ambiguous');
        if (!isAmbiguous && !hasLabel(error, 'retryable')) throw error;
        if (lost >= MAX_LOST_ANSWERS) throw error;
        if (isAmbiguous && (await this.#isDone(error))) {
          await this.#adopt();
          return;
        }
      }
    }
  }

  /**
   * Whether the effects are there. A lock that was given back tells it best: a record may have been
   * changed by others since. But locks go with the session, too; then it stays unknown.
   */
  async #isDone(error: unknown): Promise<boolean> {
    const witness = this.#steps.find((step) => step.givesBack) ?? this.#steps[0];
    if (!witness || !(await witness.isDone(this.#client))) return false;
    if (witness.givesBack && witness.owned.held.signal.aborted) throw error;
    return true;
  }

  /** Each step's operations, after the proof that we hold the lock where nothing else is one. */
  #fencedOps(): readonly (readonly MultiOp[])[] {
    const freeing = this.#steps.filter((step) => step.freesLock);
    const proven = new Set(freeing.map(({ owned }) => owned.held.childPath));
    return this.#steps.map(({ owned: { held }, ops }) => {
      if (proven.has(held.childPath)) return ops;
      proven.add(held.childPath);
      return [held.check(), ...ops];
    });
  }

  async #run(): Promise<void> {
    const trees = new Set(this.#steps.map((step) => step.owned.cache.tree));
    const ops = this.#fencedOps();
    const resultOf = (step: Step, results: readonly MultiResult[]): MultiResult | undefined => {
      const steps = ops.slice(0, this.#steps.indexOf(step) + 1);
      return results[steps.reduce((sum, one) => sum + one.length, 0) - 1];
    };
    let run = (): Promise<MultiResult[]> => this.#client.multi(ops.flat());
    for (const tree of trees) {
      const inner = run;
      const steps = this.#steps.filter((step) => step.owned.cache.tree === tree);
      const paths = steps.flatMap((step) => step.pendingPath ?? []);
      run = () =>
        tree.write({ paths }, inner, (results) =>
          steps.flatMap((step) => step.outcome?.(resultOf(step, results)) ?? []),
        );
    }
    const results = await run();
    for (const step of this.#steps) step.done(resultOf(step, results));
  }

  /** The answer was lost but the effect is there: take over the stats of what we wrote. */
  async #adopt(): Promise<void> {
    for (const step of this.#steps) {
      const last = step.ops.at(-1);
      if (last?.op === 'set') {
        const stat = await this.#client.exists(last.path);
        if (stat) step.done({ op: 'set', stat });
      } else {
        step.done({ op: 'delete' });
      }
    }
  }
}
