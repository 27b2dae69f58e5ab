/**
 * The launcher dies at any moment: what it made is gone soon after the next one started, and what is
 * others' stays, however much it looks like ours.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../shared/drivers/fake/faults.ts';
import { IMAGE, PRIVATE, type Ground } from './ground.ts';
import { LABEL, play, PROVIDER, servicesOrSkip } from './scene.ts';
import { GOOD_ZONE, stopServices, type OpenStackServices } from './services.ts';
import type { Resource } from './tenant.ts';

/** Launches in all, and how many at a time; each round is killed once. */
const ROUNDS = 5;
const A_ROUND = 10;
/** From the first request of a round until a server is up takes about so long. */
const LATEST_KILL_MS = 15_000;
const SEED = 20;

describe('a launcher that is killed before the real services', function () {
  this.timeout(1_800_000);
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
  });
  after(stopServices);

  it(`leaves nothing of ${ROUNDS * A_ROUND} launches, and nobody else's is touched`, () =>
    play(services, async (scene) => {
      const foreign = await makeForeign(scene.ground);
      await scene.configure({
        pool: { networks: [PRIVATE], 'auto-floating-ip': true },
        labels: { [LABEL]: {}, volume: { 'boot-from-volume': true, 'volume-size': 1 } },
      });
      const random = seededRandom(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        await scene.start();
        const requests = await Promise.all(
          Array.from({ length: A_ROUND }, (_, n) => scene.zuul.submit([n % 2 ? LABEL : 'volume'])),
        );
        await pause(random() * LATEST_KILL_MS);
        await scene.kill();
        for (const request of requests) await scene.zuul.cancel(request);
      }
      await scene.start();
      await scene.untilNodesGone();
      await scene.untilEmpty(foreign.counts);
      await foreign.assertThere();
    }));
});

interface Foreign {
  readonly counts: { servers: number; ports: number; floatingIps: number; volumes: number };
  assertThere(): Promise<void>;
}

/** Things of others that look like ours: of another provider, without tags, bound to nothing. */
async function makeForeign({ tenant }: Ground): Promise<Foreign> {
  const { rest } = tenant;
  const idOf = async (service: 'network' | 'image' | 'compute', path: string, key: string) => {
    const answer = (await rest.get(service, path)) as Record<string, Resource[]>;
    return answer[key]?.[0]?.id ?? '';
  };
  const network = await idOf('network', `/networks?name=${PRIVATE}`, 'networks');
  const publicNetwork = await idOf('network', '/networks?name=public', 'networks');
  const imageRef = await idOf('image', `/images?name=${IMAGE}`, 'images');
  const { flavors } = (await rest.get('compute', '/flavors')) as { flavors: Resource[] };
  const flavorRef = flavors.find(({ name }) => name === 'small')?.id;
  const others = { nodepool_provider_name: 'another', nodepool_node_id: '0000000000' };
  for (const metadata of [{}, others, { nodepool_provider_name: PROVIDER }])
    await rest.call('compute', 'POST', '/servers', {
      server: {
        ...{ name: 'np0000000000', imageRef, flavorRef, metadata, availability_zone: GOOD_ZONE },
        networks: [{ uuid: network }],
      },
    });
  await rest.call('network', 'POST', '/ports', { port: { network_id: network, name: 'kept' } });
  const floating = { floating_network_id: publicNetwork };
  for (const description of ['', 'kept for later', JSON.stringify(others)])
    await rest.call('network', 'POST', '/floatingips', {
      floatingip: { ...floating, description },
    });
  for (const metadata of [{}, others])
    await rest.call('volume', 'POST', '/volumes', { volume: { size: 1, name: 'kept', metadata } });
  const ids = async (): Promise<readonly (readonly string[])[]> => {
    const all = await tenant.resources();
    return [all.servers, all.ports, all.floatingIps, all.volumes].map((some) =>
      some.map(({ id }) => id).toSorted(),
    );
  };
  // A server's port comes some time after the server.
  await tenant.untilActive();
  const before = await ids();
  return {
    counts: await tenant.census(),
    assertThere: async () => {
      assert.deepEqual(await ids(), before);
    },
  };
}
