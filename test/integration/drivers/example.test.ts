/**
 * The `example` driver in a launcher, over HTTP: each call of a node's life fails once, hangs once and
 * loses its answer once. The node is there nevertheless, and in the end nothing is left.
 */
import assert from 'node:assert/strict';

import { ExampleCloud, TOKEN, type Fault } from '../../../fixtures/example-cloud/cloud.ts';
import {
  serveExampleCloud,
  type ExampleCloudServer,
} from '../../../fixtures/example-cloud/server.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { driver } from '../../../shared/drivers/example/driver.ts';
import { liveNode, liveThrough, waitForRoom } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';

/** Seconds; what hangs is given up after that. */
const CALL_TIMEOUT = 0.25;
const MODES = ['fail', 'hang', 'lose'] as const;

/** Calls of a provider's start, and of the life of a node from its request to its end. */
const START = ['GET types', 'GET zones', 'GET quota'];
const LIFE = [
  'POST machines',
  'GET machines',
  'POST addresses',
  'DELETE addresses',
  'DELETE machines',
];

describe('the example driver in a launcher', () => {
  let cloud: ExampleCloud;
  let server: ExampleCloudServer;
  beforeEach(async () => {
    cloud = new ExampleCloud({ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05 });
    cloud.limits = { instances: 10 };
    server = await serveExampleCloud(cloud);
  });
  afterEach(() => server.close());

  const run = (
    steps: (scene: Scene) => Promise<void>,
    { endpoint = server.endpoint, retries = 1 } = {},
  ): Promise<void> =>
    play(
      config({
        providers: [provider(retries)],
        extra: {
          extensions: {
            intervals: { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05 },
            drivers: { example: { endpoint, 'call-timeout': CALL_TIMEOUT } },
          },
        },
      }),
      steps,
      // Imported here, as mocha's loader would give a lazy import error classes of its own.
      { environment: { EXAMPLE_CLOUD_TOKEN: TOKEN }, drivers: { example: driver } },
    );

  const untilEmpty = (): Promise<void> =>
    eventually(() => {
      assert.deepEqual([...cloud.machines.keys(), ...cloud.addresses.keys()], []);
    });

  /** A node from the request to its end. */
  const live = async (scene: Scene): Promise<void> => {
    await liveNode(scene, 'small', ({ external_id: externalId, interface_ip: address }) => {
      assert.deepEqual([...cloud.machines.keys()], [externalId], 'one machine, the reported one');
      assert.equal(cloud.addresses.get(String(externalId))?.ip, address);
    });
    await untilEmpty();
  };

  it('serves a request with exactly the calls that this test lets go wrong', () =>
    run(async (scene) => {
      await live(scene);
      const seen = new Set(cloud.calls);
      for (const call of [...START, ...LIFE]) assert.ok(seen.has(call), call);
      for (const call of seen)
        assert.ok([...START, ...LIFE, 'GET addresses'].includes(call), `${call} is not tested`);
    }));

  it('serves it though any one call fails, hangs, or loses its answer, with a single attempt', () =>
    run(async (scene) => {
      const faults = LIFE.flatMap((call) => MODES.map((mode): Fault => ({ call, mode })));
      await liveThrough(cloud, faults, () => live(scene));
    }));

  for (const mode of MODES)
    it(`starts though each call of the start goes wrong once: ${mode}`, async () => {
      for (const call of START) cloud.arm({ call, mode });
      await run(async (scene) => {
        await live(scene);
        assert.ok(!scene.own.lines.some((line) => line.includes('provider cannot start')));
      });
      assert.equal(cloud.armed, 0);
    });

  it('serves a request in the next attempt where a call goes wrong for good in the first', () =>
    run(
      async (scene) => {
        const faults: Fault[] = [
          { call: 'POST machines', mode: 'lose', times: 3 },
          { call: 'POST addresses', mode: 'lose', times: 3 },
          { call: 'POST addresses', mode: 'hang', times: 3 },
        ];
        await liveThrough(cloud, faults, () => live(scene));
      },
      { retries: 2 },
    ));

  it('finds what a deletion lost: machines and addresses of nodes that are no more', () =>
    run(async ({ own }) => {
      const tags = {
        nodepool_provider_name: 'example-one',
        nodepool_pool_name: 'main',
        nodepool_node_id: '0000009999',
      };
      cloud.create({ name: 'foreign', type: 'small', tags: { owner: 'somebody' } });
      cloud.create({ name: 'np0000009999-1', type: 'small', tags });
      cloud.createAddress({ name: 'np0000009999-2', machine: 'np0000009999-2', tags });
      await eventually(() => {
        assert.deepEqual([...cloud.machines.keys(), ...cloud.addresses.keys()], ['foreign']);
        const told = own.lines.filter((line) => line.includes('leaked resource deleted'));
        assert.equal(told.length, 2);
      });
    }));

  it('waits where the cloud says that it is full, and counts no attempt', async () => {
    cloud.limits = { instances: 2 };
    const fill = (): unknown => cloud.create({ name: 'foreign', type: 'small', tags: {} });
    const [refused, words] = ['POST machines', /POST machines: quota exceeded/] as const;
    await run((scene) => waitForRoom(scene, { cloud, label: 'small', fill, refused, words }));
  });
});

function provider(retries: number): Record<string, unknown> {
  return {
    name: 'example-one',
    driver: 'example',
    project: 'ci',
    region: 'here',
    'rate-limit': 0,
    'launch-retries': retries,
    'cloud-images': [{ name: 'image', 'image-id': 'image-1' }],
    pools: [
      {
        name: 'main',
        'max-servers': 5,
        'host-key-checking': false,
        labels: [{ name: 'small', 'cloud-image': 'image', 'instance-type': 'small' }],
      },
    ],
  };
}
