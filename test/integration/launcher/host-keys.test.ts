/** Launched machines with real SSH servers: their keys, and what is told when they cannot be read. */
import assert from 'node:assert/strict';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import type { Driver } from '../../../shared/drivers/driver.ts';
import { config, fakeProvider, play } from '../../support/launcher-scene.ts';

/** A cloud whose machines are all at this host. Its section in the file is openstack's. */
const localhost: Driver = {
  name: 'openstack',
  connect: () =>
    Promise.resolve({
      launch: async (spec) => {
        await spec.created(`vm-${spec.nodeId}`);
        return { externalId: `vm-${spec.nodeId}`, interfaceIp: '127.0.0.1' };
      },
      delete: () => Promise.resolve(),
      listInstances: () => Promise.resolve([]),
      quotaLimits: () => Promise.resolve({}),
      quotaForLabel: () => Promise.resolve({ instances: 1 }),
      availabilityZones: () => Promise.resolve([]),
      isLabelReady: () => true,
      consoleLog: (id) => Promise.resolve(`console of ${JSON.stringify(id)}`),
      close: () => Promise.resolve(),
    }),
};
const options = { drivers: { openstack: localhost } };

function withLabel(port: number, label?: Readonly<Record<string, unknown>>) {
  const image = { name: 'image', username: 'admin', 'connection-port': port };
  const made = fakeProvider({
    provider: {
      ...{ driver: 'openstack', 'boot-timeout': 1, 'launch-retries': 2 },
      'cloud-images': [image],
    },
  });
  const small = { name: 'small', 'cloud-image': 'image', 'min-ram': 1, ...label };
  const pool = { name: 'main', 'node-attributes': { rack: 7 }, labels: [small] };
  return config({ providers: [{ ...made, pools: [pool] }] });
}

describe('a launched machine', () => {
  let server: RunningSshServer;
  beforeEach(async () => {
    server = await startSshServer({ hostKeyTypes: ['ed25519', 'ecdsa'] });
  });
  afterEach(() => server.stop());

  it('is asked for its host keys at the port of its image before it is handed out', () =>
    play(
      withLabel(server.port),
      async ({ zuul }) => {
        const { nodes } = await zuul.ask(['small']);
        const node = await zuul.node(nodes[0] ?? '');
        assert.deepEqual(new Set(node?.host_keys as string[]), new Set(server.hostKeys));
        assert.deepEqual(
          [node?.interface_ip, node?.connection_port, node?.username, node?.attributes],
          ['127.0.0.1', server.port, 'admin', { rack: 7 }],
        );
      },
      options,
    ));

  it('is taken unseen where host-key-checking is off', () =>
    play(
      withLabel(server.port, { 'host-key-checking': false }),
      async ({ zuul }) => {
        const { nodes } = await zuul.ask(['small']);
        assert.deepEqual((await zuul.node(nodes[0] ?? ''))?.host_keys, []);
        assert.equal(server.connections, 0);
      },
      options,
    ));

  it('that shows no keys in time fails, each attempt with its console in the log', async () => {
    await server.stop();
    await play(
      withLabel(server.port, { 'console-log': true }),
      async ({ zuul, own }) => {
        const id = await zuul.submit(['small']);
        await zuul.untilState(id, 'failed');
        const consoles = own.lines.filter((line) => line.includes('console of'));
        assert.equal(consoles.length, 2, 'launch-retries');
      },
      options,
    );
  });
});
