/** Nodes of driver `static`: hosts that exist anyway, here real SSH servers in the test's process. */
import assert from 'node:assert/strict';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';
import type { ZnodeRecord } from '../../support/zuul-side.ts';

function host(server: RunningSshServer, fields: ZnodeRecord = {}): ZnodeRecord {
  return {
    name: '127.0.0.1',
    labels: ['metal'],
    username: 'zuul',
    'connection-port': server.port,
    'host-key': server.hostKeys,
    timeout: 2,
    ...fields,
  };
}

function rack(...nodes: ZnodeRecord[]): Record<string, unknown> {
  const provider = { name: 'rack', driver: 'static', pools: [{ name: 'main', nodes }] };
  return config({ providers: [provider], labels: ['metal', 'tin'] });
}

async function untilReady({ zuul }: Scene, count: number): Promise<Map<string, ZnodeRecord>> {
  let ready = new Map<string, ZnodeRecord>();
  await eventually(async () => {
    const nodes = [...(await zuul.nodes())];
    ready = new Map(
      nodes.filter(([, node]) => node.state === 'ready' && node.allocated_to === null),
    );
    assert.equal(ready.size, count);
    assert.equal(nodes.length, count);
  });
  return ready;
}

describe('a static host', () => {
  let server: RunningSshServer;
  beforeEach(async () => {
    server = await startSshServer({ hostKeyTypes: ['ed25519', 'rsa'] });
  });
  afterEach(() => server.stop());

  it('is registered with its keys and every key of the schema', () =>
    play(rack(host(server, { 'python-path': '/usr/bin/python3' })), async (scene) => {
      const [node] = (await untilReady(scene, 1)).values();
      const { state_time, created_time, host_keys, ...rest } = node ?? {};
      assert.deepEqual(rest, {
        state: 'ready',
        ...{ cloud: null, region: null, az: null, host_id: null },
        ...{ provider: 'rack', pool: 'main', type: ['metal'], allocated_to: null },
        ...{ public_ipv4: '127.0.0.1', private_ipv4: null, public_ipv6: null },
        ...{ interface_ip: '127.0.0.1', connection_type: 'ssh' },
        ...{ connection_port: server.port, ssh_port: server.port },
        ...{ username: 'zuul', shell_type: null, python_path: '/usr/bin/python3' },
        ...{ image_id: null, launcher: 'static driver', external_id: '127.0.0.1' },
        ...{ hostname: '127.0.0.1', comment: null, hold_job: null, hold_expiration: null },
        ...{ user_data: null, resources: null, slot: 0, attributes: null, node_properties: {} },
        ...{ tenant_name: null, requestor: null, driver_data: null },
      });
      // As with Python, an RSA key stands there once for each of its signature algorithms.
      assert.deepEqual(new Set(host_keys as string[]), new Set(server.hostKeys));
      assert.equal(typeof state_time, 'number');
      assert.equal(typeof created_time, 'number');
    }));

  it('is handed out, and registered anew when it has been used', () =>
    play(rack(host(server)), async (scene) => {
      const { zuul } = scene;
      await untilReady(scene, 1);
      const { id, nodes } = await zuul.ask(['metal']);
      const using = await zuul.use(id, nodes);
      const next = await zuul.submit(['metal']);
      await using.giveBack();
      const record = await zuul.untilState(next, 'fulfilled');
      await zuul.untilGone(nodes);
      await (await zuul.use(next, record.nodes as string[])).giveBack();
      await untilReady(scene, 1);
    }));

  it('has as many nodes as max-parallel-jobs', () =>
    play(rack(host(server, { 'max-parallel-jobs': 3 })), async (scene) => {
      const { zuul } = scene;
      const ready = await untilReady(scene, 3);
      assert.deepEqual([...ready.values()].map((node) => node.slot).toSorted(), [0, 1, 2]);
      const { id, nodes } = await zuul.ask(['metal', 'metal', 'metal']);
      const using = await zuul.use(id, nodes);
      const waiting = await zuul.submit(['metal']);
      const impossible = await zuul.submit(Array<string>(4).fill('metal'));
      await zuul.untilState(impossible, 'failed');
      assert.equal((await zuul.request(waiting))?.state, 'requested');
      await using.giveBack();
      await zuul.untilState(waiting, 'fulfilled');
      await zuul.cancel(waiting);
      await untilReady(scene, 3);
    }));

  it('with another key than configured is not registered', () =>
    play(rack(host(server, { 'host-key': ['ssh-ed25519 AAAAwrong'] })), async ({ zuul, own }) => {
      await eventually(() => {
        assert.ok(own.lines.some((line) => line.includes('host key mismatch')));
      });
      assert.deepEqual(await zuul.nodeIds(), []);
    }));

  it('that was installed anew while no launcher ran has its new key before it is lent', async () => {
    const hosts = rack(host(server, { 'host-key': [] }));
    await play(hosts, async (scene) => {
      const [id] = (await untilReady(scene, 1)).keys();
      await scene.own.stop();
      await server.stop();
      server = await startSshServer({ port: server.port });
      await scene.another(hosts);
      await eventually(async () => {
        const node = await scene.zuul.node(id ?? '');
        assert.deepEqual(node?.host_keys, server.hostKeys);
      });
      const { nodes } = await scene.zuul.ask(['metal']);
      assert.deepEqual(nodes, [id]);
    });
  });

  it('that does not answer is withdrawn when it is wanted, and the request waits for another', async () => {
    const other = await startSshServer();
    const hosts = [host(server), host(other)];
    await play(rack(...hosts), async (scene) => {
      const { zuul } = scene;
      await untilReady(scene, 2);
      await other.stop();
      const first = await zuul.ask(['metal']);
      const using = await zuul.use(first.id, first.nodes);
      const second = await zuul.submit(['metal']);
      await eventually(async () => {
        assert.deepEqual(await zuul.nodeIds(), [...first.nodes]);
      });
      assert.notEqual((await zuul.request(second))?.state, 'failed');
      const node = await zuul.node(first.nodes[0] ?? '');
      assert.equal(node?.connection_port, server.port);
      await using.giveBack();
      await zuul.untilState(second, 'fulfilled');
    });
  });

  it('comes and goes with the configuration, and changes its labels while it is free', async () => {
    const other = await startSshServer();
    try {
      await play(rack(host(server)), async (scene) => {
        await untilReady(scene, 1);
        await scene.own.rewrite(rack(host(server), host(other, { labels: ['tin'] })));
        await untilReady(scene, 2);
        await scene.zuul.ask(['tin']);
        await scene.own.rewrite(rack(host(server, { labels: ['metal', 'tin'] })));
        await eventually(async () => {
          const types = [...(await scene.zuul.nodes()).values()].map((node) => [
            node.connection_port,
            node.type,
          ]);
          assert.deepEqual(
            types.filter(([port]) => port === server.port),
            [[server.port, ['metal', 'tin']]],
          );
        });
      });
    } finally {
      await other.stop();
    }
  });

  it('that leaves the configuration while it is in use stays until it is given back', () =>
    play(rack(host(server), host(server, { username: 'second' })), async (scene) => {
      const { zuul } = scene;
      await untilReady(scene, 2);
      const { id, nodes } = await zuul.ask(['metal', 'metal']);
      const using = await zuul.use(id, nodes);
      await scene.own.rewrite(rack(host(server)));
      // The pool has the new configuration once it declines what only the old one could serve.
      const large = await zuul.submit(['metal', 'metal']);
      await zuul.untilState(large, 'failed');
      assert.deepEqual(await zuul.nodeIds(), [...nodes].toSorted());
      await using.giveBack();
      const left = await untilReady(scene, 1);
      assert.equal([...left.values()][0]?.username, 'zuul');
    }));
});
