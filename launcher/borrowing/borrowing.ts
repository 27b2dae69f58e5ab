/**
 * The port through which a driver uses nodes of other providers, over our store: one for each
 * connection of a provider. Costs nothing until somebody subscribes to its changes.
 *
 * Everything it answers comes from the caches, so a launcher that starts anew, or beside another,
 * knows what the last one knew. The name under which nodes are kept is the original's.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import { NodepoolError } from '../../shared/base/errors.ts';
import { untilAborted } from '../../shared/base/wait.ts';
import type {
  BorrowedData,
  BorrowedNode,
  Borrowing,
  BorrowOrder,
  BorrowWish,
  LaunchedNode,
} from '../../shared/drivers/driver.ts';
import type { Loan } from '../../shared/store/loans.ts';
import type { OwnedNode, StoredNode } from '../../shared/store/nodes.ts';
import { encodeOwnerData } from '../../shared/store/user-data.ts';
import { isBadVersion, isNoNode } from '../../shared/zookeeper/errors.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import { toState, type Context } from '../context.ts';
import { markForDeletion } from '../upkeep/node-ages.ts';
import { Order } from './order.ts';
import { ownerOf } from './owner.ts';

export interface NodeBorrowingOptions {
  readonly context: Context;
  readonly provider: { readonly name: string; readonly driver: string };
  readonly registered: () => readonly RegisteredPool[];
}

export class NodeBorrowing implements Borrowing {
  readonly #context: Context;
  readonly #provider: string;
  readonly #owner: string;
  readonly #registered: () => readonly RegisteredPool[];
  readonly #listeners = new Set<() => void>();
  /** Of this provider, while somebody listens. */
  readonly #launched = new Map<string, StoredNode>();
  #unsubscribe: (() => void)[] = [];

  constructor({ context, provider, registered }: NodeBorrowingOptions) {
    this.#context = context;
    this.#provider = provider.name;
    this.#owner = ownerOf(provider);
    this.#registered = registered;
  }

  *borrowed(): Generator<BorrowedNode> {
    for (const loan of this.#context.store.loans.all()) {
      if (this.#isOurs(loan)) yield borrowedNode(loan);
    }
  }

  get(id: string): BorrowedNode | undefined {
    const loan = this.#context.store.loans.get(id);
    return loan && this.#isOurs(loan) ? borrowedNode(loan) : undefined;
  }

  *launched(): Generator<LaunchedNode> {
    for (const { id, record } of this.#launched.values()) {
      if (record.external_id === null) continue;
      const isIdle =
        record.state === 'ready' &&
        record.allocated_to === null &&
        !this.#context.store.nodes.isLocked(id);
      yield { id, driverData: record.driver_data, isIdle };
    }
  }

  isOffered(label: string): boolean {
    return this.#registered().some(
      ({ provider, labels }) => provider === this.#provider && labels.has(label),
    );
  }

  onChange(listener: () => void): () => void {
    if (this.#listeners.size === 0) this.#subscribe();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      for (const end of this.#unsubscribe.splice(0)) end();
      this.#launched.clear();
    };
  }

  async settled(signal: AbortSignal): Promise<void> {
    const { nodes, loans } = this.#context.store;
    await nodes.cache.tree.caughtUp(signal);
    await untilAborted(loans.settled(), signal);
  }

  borrow(wish: BorrowWish, signal: AbortSignal): BorrowOrder {
    return new Order(this.#context, { owner: this.#owner, wish, signal });
  }

  update(node: BorrowedNode, data: BorrowedData): Promise<void> {
    const user_data = encodeOwnerData(this.#owner, data);
    return this.#step(node, (owned) =>
      this.#context.store.transaction().set(owned, { user_data }).commit(),
    );
  }

  giveBack(node: BorrowedNode): Promise<void> {
    const { store, clock } = this.#context;
    return this.#step(node, (owned) =>
      store.transaction().set(owned, toState(clock, 'used')).release(owned).commit(),
    );
  }

  async discard(launchedId: string, reason: string): Promise<void> {
    const node = this.#launched.get(launchedId);
    if (node?.record.state !== 'ready' || node.record.allocated_to !== null) return;
    await markForDeletion(this.#context, node, reason);
  }

  async #step(node: BorrowedNode, work: (owned: OwnedNode) => Promise<void>): Promise<void> {
    const owned = this.#context.store.loans.hold(node.id, node.revision);
    if (!owned) throw changed(node.id);
    try {
      await work(owned);
    } catch (error) {
      throw isBadVersion(error) || isNoNode(error) ? changed(node.id, error) : error;
    }
  }

  #isOurs({ owner, node }: Loan): boolean {
    return owner === this.#owner && node.record.state === 'in-use';
  }

  #subscribe(): void {
    const { store } = this.#context;
    const tell = (): void => {
      for (const listener of this.#listeners) listener();
    };
    for (const node of store.nodes.cache.values()) this.#note(node.id, node);
    this.#unsubscribe = [
      store.nodes.cache.onChange(({ id, before, after }) => {
        if (after?.record.provider !== this.#provider && !this.#launched.has(id)) return;
        this.#note(id, after);
        if (before?.record !== after?.record) tell();
      }),
      store.loans.onChange((owner) => {
        if (owner === this.#owner) tell();
      }),
      store.components.cache.onChange(tell),
      store.onCurrent((isCurrent) => {
        if (isCurrent) tell();
      }),
    ];
  }

  #note(id: string, node: StoredNode | undefined): void {
    if (node?.record.provider === this.#provider) this.#launched.set(id, node);
    else this.#launched.delete(id);
  }
}

/** Somebody else's step came first. */
export function changed(id: string, cause?: unknown): NodepoolError {
  return new NodepoolError('NP_NODE_CHANGED', `borrowed node ${id} has changed`, { cause });
}

function borrowedNode({ node, data }: Loan): BorrowedNode {
  return { id: node.id, revision: node.version, data, machine: machineOf(node.record) };
}

/** Without the host's id, as the original leaves it out, too. */
function machineOf(record: NodeRecord): BorrowedNode['machine'] {
  return {
    interfaceIp: record.interface_ip,
    publicIpv4: record.public_ipv4,
    privateIpv4: record.private_ipv4,
    publicIpv6: record.public_ipv6,
    availabilityZone: record.az,
    region: record.region,
    cloud: record.cloud,
    shellType: record.shell_type,
    hostKeys: record.host_keys,
    username: record.username,
    ...(record.python_path !== null && { pythonPath: record.python_path }),
    ...(record.connection_type !== null && { connectionType: record.connection_type }),
    ...(record.connection_port != null && { connectionPort: record.connection_port }),
    ...(record.attributes && { nodeAttributes: record.attributes }),
  };
}
