/**
 * A whole launcher on a ZooKeeper in memory, with a cloud that the test makes up. Time stands still
 * unless a test turns the clock on: what is seen here happens by events alone.
 */
import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { Launcher } from '../../../launcher/launcher.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import type { RequestRecord } from '../../../schemas/records/request.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { CloudError } from '../../../shared/base/errors.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import type { LaunchSpec, Provider } from '../../../shared/drivers/driver.ts';
import { noMetrics } from '../../../shared/telemetry/metrics.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { request } from '../../support/launcher-world.ts';

const CONFIG = `
zookeeper-servers: [{host: zk}]
labels: [{name: small}]
providers:
- name: cloud
  driver: fake
  cloud: x
  launch-retries: 2
  cloud-images: [{name: debian}]
  pools:
  - name: main
    max-servers: 1
    labels: [{name: small, cloud-image: debian, min-ram: 1}]
`;

/** Rounds that a test waits for something to happen; far more than it takes. */
const MAX_ROUNDS = 200;

class World {
  readonly server = new FakeServer();
  readonly client = new FakeZooKeeper(this.server);
  readonly zuul = new FakeZooKeeper(this.server);
  readonly clock = new ManualClock();
  readonly launches: LaunchSpec[] = [];
  readonly deleted: unknown[] = [];
  /** Whether the driver knows ids beforehand. */
  isPlanning = false;
  /** How a launch ends. */
  launch: (spec: LaunchSpec) => Promise<void> = () => Promise.resolve();
  readonly launcher: Launcher;

  constructor() {
    this.launcher = new Launcher({
      client: this.client,
      config: parseConfig({
        ...{ path: 'main.yaml', securePath: undefined, environment: {} },
        texts: [CONFIG],
      }).config,
      ...{ clock: this.clock, random: () => 0.5, log: silentLogger, metrics: noMetrics },
      ...{ hostname: 'host', version: '1', environment: {} },
      loadDriver: ({ driver: name }) =>
        Promise.resolve({ name, connect: () => Promise.resolve(this.#provider()) }),
    });
  }

  async start(): Promise<void> {
    await this.launcher.start(new AbortController().signal);
    await this.until(() => this.launcher.labels().has('small'), 50);
  }

  /** As Zuul submits one. */
  async submit(fields: Partial<RequestRecord> = {}): Promise<string> {
    const data = Buffer.from(JSON.stringify(request(fields)));
    const options = { mode: 'ephemeralSequential' } as const;
    return (await this.zuul.create('/nodepool/requests/100-', data, options)).path;
  }

  read(path: string): RequestRecord {
    return JSON.parse(this.#text(path)) as RequestRecord;
  }

  node(id: string | undefined): NodeRecord {
    return JSON.parse(this.#text(`/nodepool/nodes/${id ?? ''}`)) as NodeRecord;
  }

  nodes(): string[] {
    return this.server.znodes.children('/nodepool/nodes').children;
  }

  /** How often the node's record was written since it was made. */
  writesOf(id: string): number {
    return this.server.znodes.get(`/nodepool/nodes/${id}`).stat.version;
  }

  /** Who holds a lock on a request. */
  contenders(path: string): number {
    const lock = path.replace('requests', 'requests-lock');
    return this.server.znodes.has(lock) ? this.server.znodes.children(lock).children.length : 0;
  }

  async until(condition: () => boolean, stepMs = 0): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (condition()) return;
      await this.clock.advance(stepMs);
    }
    assert.fail(`never: ${String(condition)}`);
  }

  async ended(path: string): Promise<RequestRecord> {
    await this.until(() => /fulfilled|failed/.test(this.read(path).state));
    return this.read(path);
  }

  #text(path: string): string {
    return this.server.znodes.get(path).data.toString();
  }

  #provider(): Provider {
    const idOf = (nodeId: string): string => `vm-${nodeId}`;
    return {
      ...(this.isPlanning && { plannedId: ({ nodeId }) => idOf(nodeId) }),
      launch: async (spec) => {
        this.launches.push(spec);
        await spec.created(idOf(spec.nodeId));
        await this.launch(spec);
        return { externalId: idOf(spec.nodeId), interfaceIp: 'fake' };
      },
      delete: ({ externalId }) => {
        this.deleted.push(externalId);
        return Promise.resolve();
      },
      listInstances: () => Promise.resolve([]),
      quotaLimits: () => Promise.resolve({}),
      quotaForLabel: () => Promise.resolve({ instances: 1 }),
      availabilityZones: () => Promise.resolve([]),
      isLabelReady: () => true,
      close: () => Promise.resolve(),
    };
  }
}

describe('a launcher', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.start();
  });

  it('fulfils a request with a node that is ready, reserved and unlocked', async () => {
    const path = await world.submit({ requestor: 'zuul', tenant_name: 'acme' });
    const { state, nodes } = await world.ended(path);
    assert.equal(state, 'fulfilled');
    assert.equal(nodes.length, 1);
    const node = world.node(nodes[0]);
    assert.deepEqual(
      [node.state, node.allocated_to, node.tenant_name, node.host_keys, node.type],
      ['ready', path.split('/').at(-1), 'acme', ['ssh-rsa FAKEKEY'], ['small']],
    );
    const lock = `/nodepool/nodes/${nodes[0] ?? ''}/lock`;
    assert.deepEqual(world.server.znodes.children(lock).children, []);
    assert.equal(world.contenders(path), 0);
  });

  it('gives the node of a request that is gone to the next one', async () => {
    const first = await world.submit();
    const { nodes } = await world.ended(first);
    await world.zuul.delete(first);
    const second = await world.submit();
    assert.deepEqual((await world.ended(second)).nodes, nodes);
    assert.equal(world.launches.length, 1);
  });

  it('deletes a used node at once, and serves who waits for its room', async () => {
    const first = await world.submit();
    const { nodes } = await world.ended(first);
    const second = await world.submit();
    await world.until(() => world.read(second).state === 'pending');
    assert.equal(world.launches.length, 1);
    const path = `/nodepool/nodes/${nodes[0] ?? ''}`;
    await world.zuul.set(
      path,
      Buffer.from(JSON.stringify({ ...world.node(nodes[0]), state: 'used' })),
    );
    assert.equal((await world.ended(second)).state, 'fulfilled');
    assert.deepEqual(world.deleted, [`vm-${nodes[0] ?? ''}`]);
    assert.equal(world.nodes().length, 1);
  });

  it('deletes a node that is used and unlocked while it is being read, by events alone', async () => {
    const { nodes } = await world.ended(await world.submit());
    const path = `/nodepool/nodes/${nodes[0] ?? ''}`;
    const acquired = await new Lock(world.zuul, `${path}/lock`).tryAcquire();
    const write = (state: string): Promise<unknown> =>
      world.zuul.set(path, Buffer.from(JSON.stringify({ ...world.node(nodes[0]), state })));
    await Promise.all([write('in-use'), write('used'), write('used'), acquired?.held.release()]);
    await world.until(() => world.nodes().length === 0);
    assert.deepEqual(world.deleted, [`vm-${nodes[0] ?? ''}`]);
  });

  it('fails a request that nobody can serve', async () => {
    const { state, declined_by } = await world.ended(await world.submit({ node_types: ['none'] }));
    assert.equal(state, 'failed');
    assert.equal(declined_by.length, 1);
    const large = await world.submit({ node_types: ['small', 'small'] });
    assert.equal((await world.ended(large)).state, 'failed');
  });

  it('fails a request whose launches fail, as often as launch-retries says, and leaves nothing', async () => {
    world.launch = () => Promise.reject(new CloudError('NP_CLOUD_TRANSIENT', 'broken'));
    const { state, nodes } = await world.ended(await world.submit());
    assert.deepEqual([state, nodes], ['failed', []]);
    assert.deepEqual(
      world.launches.map(({ attempt }) => attempt),
      [1, 2],
    );
    await world.until(() => world.nodes().length === 0);
    assert.equal(world.deleted.length, 2);
  });

  it('ends the wait for room of a request that is gone', async () => {
    await world.ended(await world.submit());
    const waiting = await world.submit();
    await world.until(() => world.read(waiting).state === 'pending');
    await world.zuul.delete(waiting);
    await world.until(() => world.contenders(waiting) === 0);
    assert.equal(world.launches.length, 1);
  });

  it('gives room that it kept for a request to the next one, when another launcher takes it', async () => {
    const lock = '/nodepool/requests-lock/100-0000000000';
    await world.zuul.create(lock);
    await world.zuul.create(`${lock}/other__lock__0000000000`);
    const [taken, next] = await Promise.all([world.submit(), world.submit()]);
    assert.ok(taken.endsWith('0000000000'));
    assert.equal((await world.ended(next)).state, 'fulfilled');
    assert.equal(world.read(taken).state, 'requested');
  });

  it('writes an id that the driver knows beforehand with the first write, and not again', async () => {
    for (const [isPlanning, writes] of [
      [false, 4],
      [true, 3],
    ] as const) {
      world = new World();
      world.isPlanning = isPlanning;
      await world.start();
      const { nodes } = await world.ended(await world.submit());
      const [id = ''] = nodes;
      assert.equal(world.node(id).external_id, `vm-${id}`);
      assert.equal(world.writesOf(id), writes);
    }
  });

  it('writes nothing any more when its session is lost in the middle of a launch', async () => {
    let goOn: () => void = () => undefined;
    world.launch = () => new Promise((resolve) => (goOn = resolve));
    const path = await world.submit();
    await world.until(() => world.nodes().some((id) => world.node(id).state === 'building'));
    assert.equal(world.launches.length, 1);
    world.client.expire();
    goOn();
    await world.clock.advance(0);
    const [node] = world.nodes();
    assert.deepEqual([world.read(path).state, world.node(node).state], ['pending', 'building']);
    assert.equal(world.contenders(path), 0);
  });
});
