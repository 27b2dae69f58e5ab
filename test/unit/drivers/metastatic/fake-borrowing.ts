/** Borrowed nodes in memory, for the driver's tests: orders are fulfilled or failed by hand. */
import { NodepoolError } from '../../../../shared/base/errors.ts';
import type {
  BorrowedData,
  BorrowedNode,
  Borrowing,
  BorrowOrder,
  BorrowWish,
  LaunchedNode,
} from '../../../../shared/drivers/driver.ts';

export function borrowedNode(id: string, data: BorrowedData = {}, revision = 0): BorrowedNode {
  return {
    id,
    revision,
    data: { label: 'slot', slots: 2, failed: false, launched: 1_700_000_000, ...data },
    machine: { interfaceIp: '192.0.2.1', username: 'zuul', hostKeys: ['key'] },
  };
}

interface FakeOrder extends BorrowOrder {
  readonly wish: BorrowWish;
  readonly resolve: (id: string) => void;
  readonly reject: (error: Error) => void;
}

export class FakeBorrowing implements Borrowing {
  readonly orders: FakeOrder[] = [];
  readonly returned: string[] = [];
  readonly discarded: string[] = [];
  takenBack = 0;
  readonly offered = new Set<string>();
  readonly #borrowed = new Map<string, BorrowedNode>();
  readonly #launched = new Map<string, LaunchedNode>();
  readonly #listeners = new Set<() => void>();

  *borrowed(): Generator<BorrowedNode> {
    yield* this.#borrowed.values();
  }

  get(id: string): BorrowedNode | undefined {
    return this.#borrowed.get(id);
  }

  *launched(): Generator<LaunchedNode> {
    yield* this.#launched.values();
  }

  isOffered(label: string): boolean {
    return this.offered.has(label);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  borrow(wish: BorrowWish): BorrowOrder {
    let resolve: FakeOrder['resolve'] = () => undefined;
    let reject: FakeOrder['reject'] = () => undefined;
    const node = new Promise<string>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    const takeBack = (): void => {
      this.takenBack++;
      reject(new NodepoolError('NP_ABORTED', 'taken back'));
    };
    const order = { wish, node, resolve, reject, takeBack };
    this.orders.push(order);
    return order;
  }

  update(node: BorrowedNode, data: BorrowedData): Promise<void> {
    return this.#step(node, { ...node, data });
  }

  giveBack(node: BorrowedNode): Promise<void> {
    this.returned.push(node.id);
    return this.#step(node, undefined);
  }

  discard(launchedId: string): Promise<void> {
    this.discarded.push(launchedId);
    this.gone(launchedId);
    return Promise.resolve();
  }

  // What tests do.

  /** The node comes that the order asks for. */
  fulfil(order: FakeOrder | undefined, id: string): void {
    if (!order) throw new Error('no such order');
    this.put(borrowedNode(id, order.wish.data));
    order.resolve(id);
  }

  put(node: BorrowedNode): void {
    this.#borrowed.set(node.id, node);
    this.#tell();
  }

  /** As `LaunchSpec.created`, with the same promise. */
  created(id: string, driverData: unknown, on: BorrowedNode | undefined): Promise<void> {
    if (on === undefined) throw new Error('no node to be placed on');
    const written = this.#step(on, on);
    return written.then(() => {
      this.launch({ id, driverData, isIdle: false });
    });
  }

  /** A node as another launcher, or an earlier process, has launched it. */
  launch(node: LaunchedNode): void {
    this.#launched.set(node.id, node);
    this.#tell();
  }

  /** A borrowed or launched node vanishes. */
  gone(id: string): void {
    this.#borrowed.delete(id);
    this.#launched.delete(id);
    this.#tell();
  }

  /** Another launcher makes a step with the node. */
  touch(id: string): void {
    const node = this.#borrowed.get(id);
    if (node) this.put({ ...node, revision: node.revision + 1 });
  }

  #step(node: BorrowedNode, next: BorrowedNode | undefined): Promise<void> {
    if (this.#borrowed.get(node.id)?.revision !== node.revision)
      return Promise.reject(new NodepoolError('NP_NODE_CHANGED', `node ${node.id} has changed`));
    if (next) this.#borrowed.set(node.id, { ...next, revision: node.revision + 1 });
    else this.#borrowed.delete(node.id);
    this.#tell();
    return Promise.resolve();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
