import assert from 'node:assert/strict';

import { type ExampleCloudOptions, ZONES } from '../../../../fixtures/example-cloud/cloud.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../../shared/base/error-codes.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { labelOf } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { exampleSubject, type ExampleSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;
const NAME = 'np0000000001-1';

interface Scene extends Omit<ExampleSubject, 'connect'> {
  readonly provider: Provider;
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  readonly launch: (label?: string) => Promise<Instance>;
}

async function scene(options: Partial<ExampleCloudOptions> = {}): Promise<Scene> {
  const subject = exampleSubject(options);
  const settle = <T>(promise: Promise<T>): Promise<T> => settleByTurning(subject.clock, promise);
  const provider = await settle(subject.connect());
  const launch = (label = 'plain'): Promise<Instance> => {
    const launching = provider.launch?.(launchSpec(subject.config, label), never());
    assert.ok(launching);
    return settle(launching);
  };
  return { ...subject, provider, settle, launch };
}

const withCode =
  (code: ErrorCode) =>
  (error: unknown): boolean => {
    assert.ok(hasCode(error, code), String(error));
    return true;
  };

describe('an example provider', () => {
  describe('starts', () => {
    it('with one call that proves the token', async () => {
      const { cloud } = await scene();
      assert.deepEqual(cloud.calls, ['GET types']);
    });

    it('not without the right token', async () => {
      const { connect } = exampleSubject();
      const environment = { EXAMPLE_CLOUD_TOKEN: 'wrong' };
      await assert.rejects(connect({ environment }), withCode('NP_CLOUD_FATAL'));
    });

    for (const extension of [
      undefined,
      {},
      { endpoint: 'ftp://x' },
      { endpoint: 'http://x', x: 1 },
    ])
      it(`not with extensions: drivers: example: ${JSON.stringify(extension)}`, async () => {
        await assert.rejects(
          exampleSubject().connect({ extension }),
          withCode('NP_CONFIG_INVALID'),
        );
      });

    it('not without a project and a region', async () => {
      const { connect, config } = exampleSubject();
      const options = { project: 'ci', region: undefined };
      await assert.rejects(connect({}, { ...config, options }), withCode('NP_CLOUD_FATAL'));
    });
  });

  describe('launches', () => {
    it('a machine with a public address, and says what it is', async () => {
      const { launch } = await scene();
      assert.deepEqual(await launch(), {
        externalId: NAME,
        interfaceIp: '198.51.100.2',
        publicIpv4: '198.51.100.2',
        privateIpv4: '10.0.0.1',
        cloud: 'ci',
        region: 'here',
        availabilityZone: ZONES[0],
        resources: { instances: 1, cores: 2, ram: 4096 },
      });
    });

    it('none with a public address where the pool uses the internal one', async () => {
      const { launch, cloud } = await scene();
      assert.equal((await launch('inside')).interfaceIp, '10.0.0.1');
      assert.equal(cloud.addresses.size, 0);
    });

    it('once, though the answer is lost', async () => {
      const { launch, cloud } = await scene();
      cloud.arm({ call: 'POST machines', mode: 'lose' });
      cloud.arm({ call: 'POST addresses', mode: 'lose' });
      await launch();
      assert.equal(cloud.machines.size, 1);
      assert.equal(cloud.addresses.size, 1);
      assert.ok(cloud.calls.includes('GET machine') && cloud.calls.includes('GET address'));
    });

    it('nothing over a machine of the same name that is none of its own', async () => {
      const { launch, cloud } = await scene();
      cloud.create({ name: NAME, type: 'small', tags: { nodepool_provider_name: 'other' } });
      await assert.rejects(launch(), withCode('NP_CLOUD_FATAL'));
      assert.equal(cloud.machines.size, 1);
    });

    it('through listings that are late, without asking for the machine', async () => {
      const { launch, cloud } = await scene({ lagSeconds: 5 });
      await launch();
      assert.ok(!cloud.calls.includes('GET machine'));
    });

    it('through listings that fail a few times', async () => {
      const { launch, cloud } = await scene();
      cloud.arm({ call: 'GET machines', mode: 'fail', times: 8 });
      await launch();
    });

    it('with patience, where the cloud asks for it', async () => {
      const { launch, cloud, clock } = await scene();
      cloud.arm({ call: 'POST machines', mode: 'fail', status: 429, retryAfter: 30 });
      await launch();
      assert.ok(clock.monotonic() >= 30_000);
      assert.equal(cloud.calls.filter((call) => call === 'POST machines').length, 2);
    });

    it('no machine that vanishes: it says so', async () => {
      const { cloud, provider, config, clock, settle } = await scene();
      cloud.hold('create');
      const launching = Promise.resolve(provider.launch?.(launchSpec(config, 'plain'), never()));
      const failing = assert.rejects(launching, withCode('NP_CLOUD_TRANSIENT'));
      await clock.advance(5000);
      cloud.machines.clear();
      await settle(failing);
    });

    for (const [reason, code] of [
      ['no-capacity', 'NP_CLOUD_CAPACITY'],
      ['boot-failed', 'NP_CLOUD_TRANSIENT'],
    ] as const)
      it(`no machine that fails: ${code} for ${reason}`, async () => {
        const { launch, cloud } = await scene();
        cloud.failure = reason;
        await assert.rejects(launch(), withCode(code));
      });

    for (const label of ['no-image', 'unknown-image'])
      it(`nothing that the configuration has wrong: ${label}`, async () => {
        const { launch, cloud } = await scene();
        await assert.rejects(launch(label), withCode('NP_CLOUD_FATAL'));
        assert.equal(cloud.machines.size, 0);
      });
  });

  it('takes a label offline whose machine type does not exist, and names those that do', async () => {
    const { provider, config } = await scene();
    const { label } = labelOf(config, 'no-type');
    await assert.rejects(
      provider.quotaForLabel(label, never()),
      (error: Error & { hint?: string }) => {
        assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
        assert.match(error.hint ?? '', /no-type: small, large/);
        return true;
      },
    );
  });

  it('lists all pages, or nothing', async () => {
    const { cloud, provider, settle } = await scene({ pageSize: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) cloud.create({ name, type: 'small', tags: {} });
    assert.equal((await settle(provider.listInstances(never()))).length, 5);
    cloud.arm({ call: 'GET machines page', mode: 'fail', status: 400 });
    await settle(assert.rejects(provider.listInstances(never())));
  });

  it('leaves out of its listing what is being deleted', async () => {
    const { cloud, provider, settle, launch } = await scene();
    await launch();
    cloud.hold('delete');
    cloud.delete(NAME);
    assert.deepEqual(await settle(provider.listInstances(never())), []);
  });

  it('says the limits that the cloud says, and no others', async () => {
    const { cloud, provider, settle } = await scene();
    assert.deepEqual(await settle(provider.quotaLimits(never())), {});
    cloud.limits = { instances: 5, ramMib: 100 };
    assert.deepEqual(await settle(provider.quotaLimits(never())), { instances: 5, ram: 100 });
  });

  it('names the zones, and shows the console', async () => {
    const { provider, settle, launch } = await scene();
    assert.deepEqual(await settle(provider.availabilityZones(never())), ZONES);
    await launch();
    const console = provider.consoleLog?.(NAME, never());
    assert.equal(await settle(Promise.resolve(console)), `console of ${NAME}`);
    const none = provider.consoleLog?.('no-such-id', never());
    assert.equal(await settle(Promise.resolve(none)), undefined);
  });

  it('spends at most half of its calls on listings', async () => {
    const { cloud, clock, connect, config } = exampleSubject();
    const provider = await settleByTurning(clock, connect({}, { ...config, callsPerSecond: 1 }));
    cloud.hold('create');
    const controller = new AbortController();
    const launching = provider.launch?.(launchSpec(config, 'plain'), controller.signal);
    const ending = assert.rejects(Promise.resolve(launching));
    // Later they become fewer anyway.
    await clock.advance(20_000);
    controller.abort();
    await ending;
    const listings = cloud.calls.filter((call) => call === 'GET machines').length;
    assert.ok(listings >= 8 && listings <= 10, String(listings));
  });

  it('gives up a call that is never answered, though not at the first time', async () => {
    const { cloud, provider, settle } = await scene();
    cloud.arm({ call: 'GET quota', mode: 'hang', times: 3 });
    await settle(assert.rejects(provider.quotaLimits(never()), withCode('NP_CLOUD_TRANSIENT')));
    cloud.arm({ call: 'GET quota', mode: 'hang', times: 2 });
    await settle(provider.quotaLimits(never()));
  });
});
