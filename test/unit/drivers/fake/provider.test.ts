import assert from 'node:assert/strict';

import { settle } from '../../../../fixtures/clock.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { Instance } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf } from '../../../support/provider-config.ts';
import { fakeSubject, type FakeSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

function start(subject: FakeSubject, label: string, overrides = {}): Promise<Instance> {
  const { provider, config } = subject;
  if (!provider.launch) throw new Error('the provider cannot launch');
  return provider.launch(launchSpec(config, label, overrides), never());
}

/** Fails where the launch takes longer than Python Nodepool's fake cloud does. */
async function launch(subject: FakeSubject, label: string, overrides = {}): Promise<Instance> {
  const [instance] = await Promise.all([
    start(subject, label, overrides),
    subject.clock.advance(100),
  ]);
  return instance;
}

describe('the fake provider', () => {
  it('has a server active after 0.1 s, by one timer', async () => {
    const subject = await fakeSubject();
    let isDone = false;
    const launching = start(subject, 'plain').then(() => (isDone = true));
    await subject.clock.advance(99);
    assert.equal(subject.clock.pending, 1);
    assert.equal(isDone, false);
    await subject.clock.advance(1);
    await launching;
    assert.equal(subject.clock.pending, 0);
  });

  // Read from the node znodes that Python Nodepool 11.0.0 wrote with the same configuration.
  const python = {
    plain: {
      interfaceIp: 'fake',
      publicIpv4: 'fake',
      privateIpv4: 'fake',
      publicIpv6: '',
      hostId: 'fake',
      resources: { cores: 4, instances: 1, ram: 8192 },
    },
    v6: {
      interfaceIp: 'fake_v6',
      publicIpv4: 'fake',
      privateIpv4: 'fake',
      publicIpv6: 'fake_v6',
      hostId: 'fake_host_id',
      resources: { cores: 4, instances: 1, ram: 8192 },
    },
    'no-auto-ip': {
      interfaceIp: 'fake',
      publicIpv4: '',
      privateIpv4: 'fake',
      publicIpv6: '',
      hostId: 'fake',
      resources: { cores: 4, instances: 1, ram: 8192, volumes: 1, 'volume-gb': 50 },
    },
  };
  for (const [label, expected] of Object.entries(python))
    it(`gives a node of label ${label} the values that Python Nodepool gives it`, async () => {
      const instance = await launch(await fakeSubject(), label, { availabilityZone: 'az2' });
      const { externalId, ...values } = instance;
      assert.ok(typeof externalId === 'string');
      assert.match(externalId, /^[0-9a-f]{32}$/);
      assert.deepEqual(values, {
        ...expected,
        privateIpv6: null,
        cloud: 'fake',
        region: 'fake-region',
        availabilityZone: 'az2',
      });
    });

  it('tags servers with groups beside the given metadata', async () => {
    const subject = await fakeSubject();
    await launch(subject, 'plain');
    assert.equal(subject.cloud.servers[0]?.metadata.groups, 'fake-provider,fake-image,plain');
  });

  for (const label of ['too-big', 'no-flavor'])
    it(`refuses for good what no flavor fits: label ${label}`, async () => {
      const subject = await fakeSubject();
      const isFatal = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_FATAL');
      await assert.rejects(start(subject, label), isFatal);
      const quota = subject.provider.quotaForLabel(labelOf(subject.config, label).label, never());
      await assert.rejects(quota, isFatal);
    });

  it('refuses an unknown zone for good, and makes nothing', async () => {
    const subject = await fakeSubject();
    await assert.rejects(start(subject, 'plain', { availabilityZone: 'az9' }), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    assert.equal(subject.cloud.servers.length, 0);
  });

  it('has a label ready whose image exists or is given by id', async () => {
    const { provider, config } = await fakeSubject();
    const ready = ['plain', 'no-auto-ip', 'no-image'].map((name) =>
      provider.isLabelReady(labelOf(config, name).label),
    );
    assert.deepEqual(ready, [true, true, false]);
  });

  it('offers the zones az1 and az2', async () => {
    const { provider } = await fakeSubject();
    assert.deepEqual(await provider.availabilityZones(never()), ['az1', 'az2']);
  });

  it('deletes at once', async () => {
    const subject = await fakeSubject();
    const { externalId } = await launch(subject, 'plain');
    await subject.provider.delete({ externalId, nodeId: '1', driverData: null }, never());
    assert.equal(subject.cloud.servers.length, 0);
  });

  it('fails a launch whose server is deleted meanwhile, and leaves no timer', async () => {
    const subject = await fakeSubject();
    const ended = assert.rejects(start(subject, 'plain'));
    const [server] = subject.cloud.servers;
    assert.ok(server);
    const target = { externalId: server.id, nodeId: '1', driverData: null };
    await subject.provider.delete(target, never());
    await ended;
    assert.equal(subject.clock.pending, 0);
  });

  it('keeps its servers when the configuration is read again', async () => {
    const { createFakeDriver } = await import('../../../../shared/drivers/fake/driver.ts');
    const { clock, config } = await fakeSubject();
    const driver = createFakeDriver();
    const env = {
      clock,
      random: Math.random,
      log: launchSpec(config, 'plain').log,
      environment: {},
      extension: undefined,
      pollSeconds: 1,
      imageCheckSeconds: 300,
    };
    const before = await driver.connect(config, env, never());
    await Promise.all([
      before.launch?.(launchSpec(config, 'plain'), never()),
      settle().then(() => clock.advance(100)),
    ]);
    const after = await driver.connect(config, env, never());
    assert.equal((await after.listInstances(never())).length, 1);
  });
});

describe('FAKE_QUOTA', () => {
  const limitsWith = async (text: string): Promise<unknown> => {
    const { provider } = await fakeSubject(undefined, { FAKE_QUOTA: text });
    return provider.quotaLimits(never());
  };
  const volumes = { volumes: 100, 'volume-gb': 1_000_000 };

  it('unset or -1 means no limit', async () => {
    assert.deepEqual(await limitsWith(''), volumes);
    assert.deepEqual(await limitsWith('-1,-1,-1'), volumes);
  });

  it('stock means what is written into Python Nodepool', async () => {
    const stock = { cores: 100, instances: 20, ram: 1_000_000 };
    assert.deepEqual(await limitsWith('stock'), { ...stock, ...volumes });
  });

  it('gives cores, instances and ram in this order', async () => {
    const limits = { cores: 8, instances: 3, ram: 4096 };
    assert.deepEqual(await limitsWith('8,3,4096'), { ...limits, ...volumes });
  });

  for (const text of ['8', '8,3', '8,3,4,5', 'a,b,c', '1.5,2,3'])
    it(`refuses ${text}`, async () => {
      await assert.rejects(fakeSubject(undefined, { FAKE_QUOTA: text }), (error) =>
        hasCode(error, 'NP_CONFIG_INVALID'),
      );
    });

  it('refuses the server beyond it as a matter of quota', async () => {
    const subject = await fakeSubject(undefined, { FAKE_QUOTA: '-1,2,-1' });
    await launch(subject, 'plain', { nodeId: '0000000001' });
    await launch(subject, 'plain', { nodeId: '0000000002' });
    const third = { nodeId: '0000000003' };
    await assert.rejects(start(subject, 'plain', third), (error) =>
      hasCode(error, 'NP_CLOUD_QUOTA'),
    );
    subject.cloud.vanish(subject.cloud.servers[0]?.id ?? '');
    await launch(subject, 'plain', third);
  });
});
