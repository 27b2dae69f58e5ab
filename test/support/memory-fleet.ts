/**
 * Several launchers, their clouds and Zuul on one ZooKeeper in memory. Time stands still unless the
 * test turns it on, so that any order of events can be played, thousands of times.
 *
 * What is checked is read from the znodes, never from the launchers.
 */
import assert from 'node:assert/strict';
import { ManualClock } from '../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../fixtures/fake-zookeeper/server.ts';
import { Launcher } from '../../launcher/launcher.ts';
import type { DrainKind } from '../../schemas/records/drain.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { Quota } from '../../schemas/quota.ts';
import { silentLogger } from '../../shared/base/log.ts';
import { seededRandom } from '../../shared/drivers/fake/faults.ts';
import { parseConfig } from '../../shared/config/load.ts';
import type { Provider } from '../../shared/drivers/driver.ts';
import { drain, endDrain } from '../../shared/store/orders/drains.ts';
import { noMetrics } from '../../shared/telemetry/metrics.ts';
import { Lock, type HeldLock } from '../../shared/zookeeper/lock.ts';
import { request } from './launcher-world.ts';
import { MemoryCloud } from './memory-cloud.ts';

export interface FleetPool {
  readonly labels: readonly string[];
  /** Options of the pool, as in the file. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface FleetProvider {
  readonly limits?: Quota;
  /** What others use in the cloud. */
  readonly foreign?: Quota;
  /** Options of the provider, as in the file. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly pools: readonly FleetPool[];
}

export interface FleetPlan {
  /** What a node of each label takes. */
  readonly labels: Readonly<Record<string, Quota>>;
  /** Of each launcher. Provider `p<n>` and pool `q<n>` are counted over all of them. */
  readonly launchers: readonly (readonly FleetProvider[])[];
  readonly tenants?: readonly Readonly<Record<string, unknown>>[];
  /** Of the launchers' choices. */
  readonly seed?: number;
}

const NODES = '/nodepool/nodes';
const REQUESTS = '/nodepool/requests';
/** More rounds than anything needs to come to rest. */
const MAX_ROUNDS = 200;
/** More than what registrations are collected for. */
const ROUND_MS = 60;

export class MemoryFleet {
  readonly server = new FakeServer();
  readonly zuul = new FakeZooKeeper(this.server);
  readonly clock = new ManualClock();
  readonly clouds = new Map<string, MemoryCloud>();
  readonly launchers: Launcher[] = [];
  /** Nodes that Zuul has locked, with the request that they were given to. */
  readonly #owned = new Map<string, { readonly request: string; readonly lock: HeldLock }>();
  #writes = 0;

  static async start(plan: FleetPlan): Promise<MemoryFleet> {
    const fleet = new MemoryFleet();
    const write = fleet.server.write.bind(fleet.server);
    fleet.server.write = (ops, session) => {
      fleet.#writes++;
      return write(ops, session);
    };
    let providers = 0;
    for (const [index, own] of plan.launchers.entries()) {
      const named = own.map((provider) => ({ ...provider, name: `p${providers++}` }));
      await fleet.#launch(plan, named, `host-${index}`);
    }
    await fleet.settle();
    return fleet;
  }

  /** Lets everything happen that happens without the clock, or within moments. */
  async settle(): Promise<void> {
    for (let round = 0, quiet = 0; quiet < 2; round++) {
      assert.ok(round < MAX_ROUNDS, 'no rest');
      const before = this.#writes;
      await this.clock.advance(ROUND_MS);
      quiet = this.#writes === before ? quiet + 1 : 0;
    }
  }

  async submit(fields: Partial<RequestRecord>, priority = '200'): Promise<string> {
    const record = request({ requestor: 'zuul', state_time: this.clock.now() / 1000, ...fields });
    const data = Buffer.from(JSON.stringify(record));
    const made = await this.#zuul(
      this.zuul.create(`${REQUESTS}/${priority}-`, data, { mode: 'persistentSequential' }),
    );
    return made.path.slice(REQUESTS.length + 1);
  }

  /** Undefined: there is no such request any more. */
  request(id: string): RequestRecord | undefined {
    return this.#read(`${REQUESTS}/${id}`) as RequestRecord | undefined;
  }

  node(id: string): NodeRecord | undefined {
    return this.#read(`${NODES}/${id}`) as NodeRecord | undefined;
  }

  nodes(): Map<string, NodeRecord> {
    const nodes = new Map<string, NodeRecord>();
    for (const id of this.server.znodes.children(NODES).children) {
      const record = this.node(id);
      if (record) nodes.set(id, record);
    }
    return nodes;
  }

  /** Changes a request as Zuul does: the whole record. Nothing happens if it is gone. */
  async change(id: string, fields: Partial<RequestRecord>): Promise<void> {
    const record = this.request(id);
    if (!record) return;
    const data = Buffer.from(JSON.stringify({ ...record, ...fields }));
    await this.#zuul(this.zuul.set(`${REQUESTS}/${id}`, data));
  }

  async cancel(id: string): Promise<void> {
    if (this.request(id)) await this.#zuul(this.zuul.delete(`${REQUESTS}/${id}`));
  }

  /**
   * As Zuul takes what it was given: owner checked, locked, request deleted, set in use. Asserts that
   * all of it is as Zuul relies on.
   */
  async use(id: string): Promise<void> {
    const record = this.request(id);
    assert.equal(record?.state, 'fulfilled');
    assert.equal(new Set(record.nodes).size, record.node_types.length, 'one node for each label');
    const zones = new Set<string>();
    for (const [index, node] of record.nodes.entries()) {
      const found = this.node(node);
      assert.equal(found?.state, 'ready', `node ${node}`);
      assert.equal(found.allocated_to, id, `node ${node}`);
      assert.ok(found.type.includes(record.node_types[index] ?? ''), 'in the order of the labels');
      if (found.az !== null) zones.add(found.az);
      assert.ok(!this.#owned.has(node), `node ${node} has two owners`);
      const acquired = await this.#zuul(new Lock(this.zuul, `${NODES}/${node}/lock`).tryAcquire());
      assert.ok(acquired, `node ${node} is locked`);
      this.#owned.set(node, { request: id, lock: acquired.held });
    }
    assert.ok(zones.size < 2, 'nodes of one request stand in one zone');
    await this.cancel(id);
    for (const node of record.nodes) await this.#setState(node, 'in-use');
  }

  /** Sets all nodes used that Zuul has, and unlocks them. */
  async giveBack(): Promise<void> {
    for (const [node, { lock }] of this.#owned) {
      await this.#setState(node, 'used');
      await this.#zuul(lock.release());
      this.#owned.delete(node);
    }
  }

  /** As `nodepool drain` does and undoes it; a launcher is `host-<n>`. */
  async drain(kind: DrainKind, name: string, isDrained: boolean): Promise<void> {
    const order = { kind, name };
    const record = { since: this.clock.now() / 1000, by: null, comment: null };
    await this.#zuul<unknown>(
      isDrained ? drain(this.zuul, order, record) : endDrain(this.zuul, order),
    );
  }

  /** What the nodes take that pass the test, whatever their state. */
  used(test: (node: NodeRecord) => boolean): Quota {
    const sum: Record<string, number> = {};
    for (const node of this.nodes().values()) {
      if (!test(node)) continue;
      for (const [name, amount] of Object.entries(node.resources ?? {})) {
        sum[name] = (sum[name] ?? 0) + amount;
      }
    }
    return sum;
  }

  /** Children of all locks: who holds or wants one. */
  locks(): string[] {
    return [...this.server.znodes.toMap().keys()].filter((path) => path.includes('__lock__'));
  }

  async #launch(
    plan: FleetPlan,
    providers: readonly (FleetProvider & { readonly name: string })[],
    hostname: string,
  ): Promise<void> {
    for (const { name, limits = {}, foreign = {} } of providers) {
      this.clouds.set(name, new MemoryCloud({ limits, foreign, needs: plan.labels }));
    }
    const text = JSON.stringify(configOf(plan, providers));
    const { config } = parseConfig({ path: 'main.yaml', environment: {}, texts: [text] });
    const launcher = new Launcher({
      ...{ client: new FakeZooKeeper(this.server), config, clock: this.clock, hostname },
      ...{ random: seededRandom(plan.seed ?? 1), log: silentLogger, metrics: noMetrics },
      ...{ version: '1', environment: {} },
      loadDriver: ({ driver: name }) =>
        Promise.resolve({ name, connect: (one) => Promise.resolve(this.#cloud(one.name)) }),
    });
    this.launchers.push(launcher);
    const starting = launcher.start(new AbortController().signal);
    await this.#zuul(starting);
  }

  #cloud(provider: string): Provider {
    const cloud = this.clouds.get(provider);
    assert.ok(cloud);
    return cloud;
  }

  async #setState(node: string, state: NodeRecord['state']): Promise<void> {
    const record = { ...this.node(node), state };
    await this.#zuul(this.zuul.set(`${NODES}/${node}`, Buffer.from(JSON.stringify(record))));
  }

  /** Waits for something that needs no time. */
  async #zuul<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.clock.advance(0);
      // The compiler believes that a variable stays as it is over an await.
      if (isOver as boolean) break;
    }
    return over;
  }

  #read(path: string): unknown {
    if (!this.server.znodes.has(path)) return undefined;
    const text = this.server.znodes.get(path).data.toString();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
}

function configOf(
  plan: FleetPlan,
  providers: readonly (FleetProvider & { readonly name: string })[],
): Readonly<Record<string, unknown>> {
  return {
    'zookeeper-servers': [{ host: 'zk' }],
    'tenant-resource-limits': plan.tenants ?? [],
    labels: Object.keys(plan.labels).map((name) => ({ name })),
    providers: providers.map(({ name, options, pools }) => ({
      ...{ name, driver: 'fake', cloud: 'x', 'launch-retries': 1 },
      'cloud-images': [{ name: 'image' }],
      ...options,
      pools: pools.map((pool, index) => ({
        name: `q${index}`,
        ...pool.options,
        labels: pool.labels.map((label) => ({
          ...{ name: label, 'cloud-image': 'image', 'min-ram': 1 },
        })),
      })),
    })),
  };
}
