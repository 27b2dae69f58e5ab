/** A store on a ZooKeeper in memory. */
import { ManualClock } from '../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../fixtures/fake-zookeeper/server.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import { silentLogger } from '../../shared/base/log.ts';
import type { OwnedNode, StoredNode } from '../../shared/store/nodes.ts';
import type { OwnedRequest, StoredRequest } from '../../shared/store/requests.ts';
import { requestPath } from '../../shared/store/paths.ts';
import { Store } from '../../shared/store/store.ts';
import type { MultiOp } from '../../shared/zookeeper/types.ts';
import { node, request } from './launcher-world.ts';

export class StoreWorld {
  readonly server = new FakeServer();
  readonly client = new FakeZooKeeper(this.server);
  /** Zuul, or another launcher. */
  readonly other = new FakeZooKeeper(this.server);
  readonly clock = new ManualClock();
  readonly store = new Store({ client: this.client, clock: this.clock, log: silentLogger });
  /** Each transaction of ours: its operations, shortened. */
  readonly transactions: string[][] = [];

  static async start(): Promise<StoreWorld> {
    const world = new StoreWorld();
    await world.store.start(new AbortController().signal);
    const multi = world.client.multi.bind(world.client);
    world.client.multi = (ops, options) => {
      world.transactions.push(ops.map(say));
      return multi(ops, options);
    };
    return world;
  }

  async node(fields: Partial<NodeRecord> = {}): Promise<StoredNode> {
    return this.store.nodes.create(node(fields));
  }

  async takenNode(fields: Partial<NodeRecord> = {}): Promise<OwnedNode> {
    const owned = await this.store.nodes.take(await this.node(fields), {});
    if (!owned) throw new Error('the node is locked');
    return owned;
  }

  async request(fields: Partial<RequestRecord> = {}): Promise<StoredRequest> {
    const id = await this.store.requests.submitEphemeral('100', request(fields));
    const stored = this.store.requests.get(id);
    if (!stored) throw new Error('the request is not in the cache');
    return stored;
  }

  async takenRequest(fields: Partial<RequestRecord> = {}): Promise<OwnedRequest> {
    const owned = await this.store.requests.take(await this.request(fields), {});
    if (!owned) throw new Error('the request is locked');
    return owned;
  }

  /** The record as ZooKeeper has it. */
  read(path: string): unknown {
    return JSON.parse(this.server.znodes.get(path).data.toString());
  }

  stateOf(owned: { path: string }): string {
    return (this.read(owned.path) as { state: string }).state;
  }

  deleteRequest(id: string): Promise<void> {
    return this.other.delete(requestPath(id));
  }

  /** Loses the connection, with what was just sent; or only the answer to it. */
  lose(what: 'request' | 'answer'): void {
    if (what === 'answer') while (this.client.serveOne());
    this.client.disconnect();
    this.client.reconnect();
  }
}

function say(op: MultiOp): string {
  const parts = op.path.split('/').slice(2);
  const last = parts.at(-1) ?? '';
  const child = last.includes('__') ? [...parts.slice(0, -1), 'child'] : parts;
  return `${op.op} ${child.join('/')}`;
}
