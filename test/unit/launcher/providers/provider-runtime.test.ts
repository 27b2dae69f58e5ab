import assert from 'node:assert/strict';

import { ManualClock, settle } from '../../../../fixtures/clock.ts';
import { Ledger } from '../../../../launcher/pools/capacity.ts';
import { ProviderRuntime, unmanagedUse } from '../../../../launcher/providers/provider-runtime.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { ListedInstance } from '../../../../shared/drivers/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';

function machine(
  tags: Record<string, string>,
  resources: Quota = { instances: 1 },
): ListedInstance {
  return { externalId: 'vm', metadata: tags, resources };
}
const ours = (node: string) =>
  machine({ nodepool_provider_name: 'cloud', nodepool_node_id: node }, { instances: 1, cores: 4 });
const known = { isKnownNode: (id: string) => id.startsWith('known') };

describe('unmanagedUse', () => {
  const none = { foreign: {}, leaked: {} };
  for (const [what, instance, use] of [
    ['a machine of a node of ours as none', ours('known'), none],
    ['a leaked machine of ours', ours('gone'), { ...none, leaked: { instances: 1, cores: 4 } }],
    ['a machine without tags as foreign', machine({}), { ...none, foreign: { instances: 1 } }],
    [
      'a machine of another provider as foreign',
      machine({ nodepool_provider_name: 'other', nodepool_node_id: 'known' }),
      { ...none, foreign: { instances: 1 } },
    ],
    [
      'a machine with our name only as foreign',
      machine({ nodepool_provider_name: 'cloud' }),
      { ...none, foreign: { instances: 1 } },
    ],
  ] as const) {
    it(`counts ${what}`, () => {
      assert.deepEqual(unmanagedUse([instance], 'cloud', known), use);
    });
  }

  it('adds up what is used', () => {
    const all = [ours('x'), ours('y'), ours('known'), machine({}), machine({})];
    assert.deepEqual(unmanagedUse(all, 'cloud', known), {
      foreign: { instances: 2 },
      leaked: { instances: 2, cores: 8 },
    });
  });
});

describe('a running provider', () => {
  let limits: () => Promise<Quota>;
  let instances: ListedInstance[];
  let asked: number;
  let told: number;
  let closed: number;
  let clock: ManualClock;
  beforeEach(() => {
    [instances, asked, told, closed] = [[], 0, 0, 0];
    limits = () => Promise.resolve({ instances: 10 });
    clock = new ManualClock();
  });

  async function start(quotaForLabel?: () => Promise<Quota>): Promise<ProviderRuntime> {
    const config = providerConfig(`
name: cloud
driver: fake
cloud: x
cloud-images: [{name: debian}]
pools: [{name: main, labels: [{name: small, cloud-image: debian, min-ram: 1}]}]
`);
    const connection = {
      availabilityZones: () => Promise.resolve(['az1']),
      listInstances: () => Promise.resolve(instances),
      quotaForLabel: quotaForLabel ?? (() => Promise.resolve({ instances: 1, cores: 2 })),
      quotaLimits: () => {
        asked++;
        return limits();
      },
      close: () => {
        closed++;
        return Promise.resolve();
      },
    };
    const provider = new ProviderRuntime({
      ...{ config, clock, log: silentLogger, ledger: new Ledger(), ...known },
      connection: connection as unknown as ProviderRuntime['connection'],
      onQuota: () => told++,
      checkSeconds: 300,
    });
    await provider.prepare(new AbortController().signal);
    return provider;
  }

  it('has what the cloud allows without what others use', async () => {
    instances = [ours('leaked'), ours('known'), machine({}, { instances: 1, cores: 2 })];
    const provider = await start();
    // Cores are used, too, but the cloud sets no limit for them.
    assert.deepEqual(provider.available, { instances: 9 });
  });

  it('keeps the room that leaked machines take until they are gone', async () => {
    instances = [ours('leaked'), ours('leaked-too'), ours('known')];
    const provider = await start();
    assert.deepEqual(provider.ledger.reserved, { instances: 2, cores: 8 });
    instances = [ours('known')];
    await clock.advance(5_000);
    assert.equal(provider.ledger.reserved.instances, 0);
    assert.equal(told, 1);
  });

  it('gives the room of leaked machines back when it is closed', async () => {
    instances = [ours('leaked')];
    const provider = await start();
    await provider.close();
    assert.equal(provider.ledger.reserved.instances, 0);
    assert.equal(clock.pending, 0);
  });

  it('knows what a label takes, and that it has no other labels', async () => {
    const provider = await start();
    assert.deepEqual(provider.label('main', 'small'), {
      need: { instances: 1, cores: 2 },
      offline: undefined,
    });
    assert.notEqual(provider.label('main', 'large').offline, undefined);
    assert.notEqual(provider.label('other', 'small').offline, undefined);
  });

  it('takes a label off that the cloud refuses, and starts all the same', async () => {
    const provider = await start(() =>
      Promise.reject(new CloudError('NP_CLOUD_FATAL', 'no flavor')),
    );
    assert.equal(provider.label('main', 'small').offline, 'no flavor');
  });

  it('does not start where the cloud does not answer', async () => {
    await assert.rejects(start(() => Promise.reject(new CloudError('NP_CLOUD_TRANSIENT', 'away'))));
  });

  describe('asks for the quota again', () => {
    it('at most every five minutes', async () => {
      const provider = await start();
      await clock.advance(299_999);
      provider.refreshQuota({ isForced: false });
      await settle();
      assert.equal(asked, 1);
      await clock.advance(1);
      provider.refreshQuota({ isForced: false });
      await settle();
      assert.equal(asked, 2);
      assert.equal(told, 1);
    });

    it('at once when the cloud said that it is full, but not twice at a time', async () => {
      const provider = await start();
      limits = () => Promise.resolve({ instances: 4 });
      provider.refreshQuota({ isForced: true });
      provider.refreshQuota({ isForced: true });
      await settle();
      assert.equal(asked, 2);
      assert.deepEqual(provider.available, { instances: 4 });
    });

    it('with growing pauses after the cloud said that it is full, and some day no more', async () => {
      const provider = await start();
      provider.refreshQuota({ isForced: true });
      await settle();
      const pauses: number[] = [];
      for (let last = asked, sinceMs = 0; sinceMs <= 600_000; sinceMs += 5_000) {
        await clock.advance(5_000);
        if (asked === last) continue;
        pauses.push(sinceMs + 5_000);
        [last, sinceMs] = [asked, -5_000];
      }
      assert.deepEqual(
        pauses,
        [5, 10, 20, 40, 80, 160, 300].map((seconds) => seconds * 1000),
      );
      assert.equal(clock.pending, 0);
    });

    it('and keeps what it knew where there is no answer', async () => {
      const provider = await start();
      limits = () => Promise.reject(new Error('away'));
      provider.refreshQuota({ isForced: true });
      await settle();
      assert.deepEqual(provider.available, { instances: 10 });
      assert.equal(told, 0);
    });

    it('and gives up after a time', async () => {
      const provider = await start();
      limits = () => new Promise(() => undefined);
      provider.refreshQuota({ isForced: true });
      await clock.advance(120_000);
      limits = () => Promise.resolve({ instances: 5 });
      provider.refreshQuota({ isForced: true });
      await settle();
      assert.deepEqual(provider.available, { instances: 5 });
    });
  });

  it('closes its connection when the last work on it has ended', async () => {
    const provider = await start();
    const ends = [provider.begin(), provider.begin()];
    const closing = provider.close();
    assert.equal(provider.signal.aborted, true);
    ends[0]?.();
    ends[0]?.();
    await settle();
    assert.equal(closed, 0);
    ends[1]?.();
    await closing;
    assert.equal(closed, 1);
  });
});
