/**
 * The `metastatic` driver's provider: nodes are slots of backing nodes, which it asks Nodepool for as
 * any requestor does, keeps, and gives back when nobody has needed them for a while.
 *
 * All state is in ZooKeeper, behind `Borrowing`; after each change everything is looked at anew, in
 * one `turn`. So a restart, a second launcher, and one of the original's that hands over are the
 * same case. A slot is given by one write that proves that it was free (decision 13).
 * Facts: nodepool/driver/metastatic/adapter.py.
 */
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { MetastaticLabelOptions } from '../../../schemas/config/drivers/metastatic.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { hasCode } from '../../base/errors.ts';
import { Slots } from '../../cloud/slots.ts';
import type {
  Borrowing,
  BorrowedNode,
  DeleteTarget,
  DriverEnv,
  Instance,
  LaunchSpec,
  Provider,
} from '../driver.ts';
import { Allocator } from './allocator.ts';
import {
  failedBackingData,
  placeData,
  placeOf,
  readBackings,
  type Backing,
  type Place,
} from './backing.ts';
import { Releases } from './releases.ts';
import { Strays } from './strays.ts';

/** Each node takes a slot; how many there are nobody knows beforehand. Zeros as in the original. */
const NEED: Quota = { instances: 1, cores: 0, ram: 0 };
/** Tries to write that a backing node is broken, while others write to it, too. */
const MAX_MARK_TRIES = 20;

export class MetastaticProvider implements Provider {
  readonly #borrowing: Borrowing;
  readonly #allocator: Allocator;
  readonly #releases: Releases;
  readonly #strays: Strays;
  /** Steps with one backing node are taken one after the other: each changes its revision. */
  readonly #steps = new Map<string, Slots>();
  readonly #unsubscribe: () => void;
  #isTurnDue = false;
  #isClosed = false;

  constructor(config: ProviderConfig, env: DriverEnv, borrowing: Borrowing) {
    const labels = labelsOf(config);
    const { clock, log } = env;
    const onChange = (): void => {
      this.#soon();
    };
    const common = { borrowing, clock, log, onChange, backings: () => this.#backings() };
    this.#borrowing = borrowing;
    this.#allocator = new Allocator(common);
    this.#releases = new Releases({ ...common, terms: (label) => labels.get(label) });
    this.#strays = new Strays(common);
    this.#unsubscribe = borrowing.onChange(onChange);
    onChange();
  }

  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    const waiting = { nodeId: spec.nodeId, label: spec.label };
    for (let isFirst = false; ; isFirst = true) {
      const place = await this.#allocator.place(waiting, signal, isFirst);
      try {
        const node = await this.#write(spec, place, signal);
        if (!node) continue;
        spec.log.info('node placed on a backing node', {
          backing_node: place.backing,
          slot: place.slot,
        });
        return instanceOf(spec, node, place);
      } finally {
        this.#allocator.settle(spec.nodeId);
      }
    }
  }

  /** Nothing to do: the slot is free when the node's record is gone. */
  delete(): Promise<void> {
    return Promise.resolve();
  }

  listInstances(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  quotaLimits(): Promise<Quota> {
    return Promise.resolve({});
  }

  quotaForLabel(): Promise<Quota> {
    return Promise.resolve(NEED);
  }

  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  isLabelReady(): boolean {
    return true;
  }

  /** The backing node takes no more nodes; when the last has left it, it is given back. */
  async scanFailed({ driverData }: DeleteTarget, signal: AbortSignal): Promise<void> {
    const place = placeOf(driverData);
    if (!place) return;
    await this.#inTurn(place.backing, signal, async () => {
      for (let left = MAX_MARK_TRIES; ; left--) {
        const node = this.#borrowing.get(place.backing);
        if (!node || node.data.failed === true) return;
        try {
          await this.#borrowing.update(node, failedBackingData(node.data));
          return;
        } catch (error) {
          if (!hasCode(error, 'NP_NODE_CHANGED') || left === 0) throw error;
          await this.#borrowing.settled(signal);
        }
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#allocator.close();
    await Promise.all([this.#releases.close(), this.#strays.close()]);
  }

  /** Undefined: somebody else has the slot now. */
  #write(spec: LaunchSpec, place: Place, signal: AbortSignal): Promise<BorrowedNode | undefined> {
    return this.#inTurn(place.backing, signal, async () => {
      const node = this.#borrowing.get(place.backing);
      if (!node || this.#releases.isLeaving(place.backing)) return undefined;
      await this.#borrowing.settled(signal);
      if (this.#isTaken(place, spec.nodeId)) return undefined;
      try {
        await spec.created(spec.nodeId, placeData(place, spec.nodeId, spec.metadata), node);
        return node;
      } catch (error) {
        if (hasCode(error, 'NP_NODE_CHANGED')) return undefined;
        throw error;
      }
    });
  }

  #isTaken(place: Place, nodeId: string): boolean {
    for (const { id, driverData } of this.#borrowing.launched()) {
      const other = placeOf(driverData);
      if (id !== nodeId && other?.backing === place.backing && other.slot === place.slot)
        return true;
    }
    return false;
  }

  #inTurn<T>(backing: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let steps = this.#steps.get(backing);
    if (!steps) this.#steps.set(backing, (steps = new Slots(1)));
    return steps.run(signal, work);
  }

  #backings(): Map<string, Backing> {
    return readBackings({
      borrowed: this.#borrowing.borrowed(),
      launched: this.#borrowing.launched(),
      promised: this.#allocator.promised,
      isMoving: (node) => this.#allocator.isMoving(node),
    });
  }

  /** One look at everything for all changes of a moment. */
  #soon(): void {
    if (this.#isTurnDue || this.#isClosed) return;
    this.#isTurnDue = true;
    queueMicrotask(() => {
      this.#isTurnDue = false;
      if (!this.#isClosed) this.#turn();
    });
  }

  #turn(): void {
    const backings = this.#backings();
    for (const id of [...this.#steps.keys()]) if (!backings.has(id)) this.#steps.delete(id);
    const staying = new Map([...backings].filter(([id]) => !this.#releases.isLeaving(id)));
    this.#allocator.turn(staying);
    this.#releases.turn(staying);
    this.#strays.turn(backings);
  }
}

function labelsOf(config: ProviderConfig): Map<string, MetastaticLabelOptions> {
  const labels = config.pools.flatMap((pool): PoolLabel[] => [...pool.labels.values()]);
  return new Map(labels.map(({ name, options }) => [name, options as MetastaticLabelOptions]));
}

function instanceOf(spec: LaunchSpec, node: BorrowedNode, place: Place): Instance {
  return {
    ...node.machine,
    externalId: spec.nodeId,
    driverData: placeData(place, spec.nodeId, spec.metadata),
    slot: place.slot,
    resources: NEED,
  };
}
