import assert from 'node:assert/strict';

import { CloudError, hasCode } from '../../../../shared/base/errors.ts';
import { openProvider, type OpenProvider } from './provider-subject.ts';

describe('gce: a launch', () => {
  let open: OpenProvider;
  afterEach(() => {
    open.close();
  });

  it('reports the name before anything is made, and has all of the instance in the end', async () => {
    open = await openProvider({ createSeconds: 10, addressSeconds: 5 });
    const { cloud, specOf, launch, count } = open;
    const spec = specOf({
      created: (externalId) => {
        spec.reported.push(externalId);
        assert.equal(count('POST instances'), 0);
        return Promise.resolve();
      },
    });
    const instance = await launch(spec);
    assert.deepEqual(spec.reported, ['np0000000001']);
    const { publicIpv4, privateIpv4, ...rest } = instance;
    assert.deepEqual(cloud.compute.instances.get('np0000000001')?.addresses, {
      private: privateIpv4,
      public: publicIpv4,
    });
    assert.deepEqual(rest, {
      externalId: 'np0000000001',
      interfaceIp: publicIpv4,
      publicIpv6: null,
      privateIpv6: null,
      cloud: 'Google',
      region: 'europe-west4',
      availabilityZone: 'europe-west4-a',
      resources: { instances: 1, cores: 1, ram: 3840, CPUS: 1, IN_USE_ADDRESSES: 1 },
    });
  });

  it('asks neither for one instance nor for its operation', async () => {
    open = await openProvider({ createSeconds: 120 });
    await open.launch();
    assert.equal(open.count('POST instances'), 1);
    for (const call of ['GET instances/*', 'GET operations', 'GET operations/*'])
      assert.equal(open.count(call), 0, call);
  });

  it('whose answers are lost makes one instance', async () => {
    open = await openProvider();
    open.cloud.arm({ call: 'POST instances', mode: 'lose', times: 2 });
    await open.launch();
    assert.equal(open.cloud.counts.instances, 1);
    assert.equal(open.count('GET instances/*'), 0, 'Google knows the call again');
  });

  it('that is begun again takes what the first has made', async () => {
    open = await openProvider({ createSeconds: 30 });
    const { launch, turn, cloud } = open;
    await turn(Promise.all([launch(), launch()]));
    assert.equal(cloud.counts.instances, 1);
  });

  it('waits for an instance of its name that goes, and takes it for no success', async () => {
    open = await openProvider({ deleteSeconds: 30, lagSeconds: 5, ghostSeconds: 5 });
    const { provider, clock, cloud, launch, turn } = open;
    await launch();
    const target = { externalId: 'np0000000001', nodeId: '0000000001', driverData: null };
    const deleting = provider.delete(target, new AbortController().signal);
    await clock.advance(5000);
    const old = cloud.compute.instances.get('np0000000001')?.number;
    await turn(Promise.all([deleting.catch(() => undefined), launch()]));
    const now = cloud.compute.instances.get('np0000000001');
    assert.ok(now !== undefined && now.number !== old);
    assert.equal(now.status, 'RUNNING');
  });

  it('does not take what a late listing shows of an earlier instance for its own', async () => {
    open = await openProvider({ lagSeconds: 30, ghostSeconds: 30, createSeconds: 60 });
    const { launch, cloud, clock } = open;
    await launch();
    cloud.vanish('np0000000001');
    const beganMs = clock.monotonic();
    await launch();
    assert.ok(clock.monotonic() - beganMs >= 60_000, 'it took as long as a new one takes');
  });

  it('never touches an instance of its name that is not ours', async () => {
    open = await openProvider();
    open.cloud.plant.instance({ name: 'np0000000001', metadata: { owner: 'somebody' } });
    await assert.rejects(open.launch(), (error: Error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      return /np0000000001 .* not of provider gce-provider/.test(error.message);
    });
    assert.equal(open.cloud.counts.instances, 1);
  });

  for (const [code, status, wanted] of [
    ['ZONE_RESOURCE_POOL_EXHAUSTED', 503, 'NP_CLOUD_CAPACITY'],
    ['QUOTA_EXCEEDED', 403, 'NP_CLOUD_QUOTA'],
    ['INVALID_USAGE', 400, 'NP_CLOUD_FATAL'],
    ['INTERNAL_ERROR', 500, 'NP_CLOUD_TRANSIENT'],
  ] as const)
    it(`whose operation fails with ${code} fails in Google's words with ${wanted}`, async () => {
      open = await openProvider({ createSeconds: 10 });
      open.cloud.compute.failure = { code, message: 'these words', status };
      const spec = open.specOf();
      await assert.rejects(open.launch(spec), (error) => {
        assert.ok(error instanceof CloudError && hasCode(error, wanted), String(error));
        assert.equal(error.message, `instance np0000000001 was not made: ${code}: these words`);
        return true;
      });
      assert.deepEqual(spec.reported, ['np0000000001']);
      assert.equal(open.count('GET operations'), 1);
    });

  it('looks for an operation that is too old for the list alone', async () => {
    open = await openProvider({ createSeconds: 10, otherLagSeconds: 100_000 });
    open.cloud.compute.failure = { code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'x' };
    await assert.rejects(open.launch(), (error) => hasCode(error, 'NP_CLOUD_CAPACITY'));
    assert.equal(open.count('GET operations/*'), 1);
  });

  it('ends also where we may not read operations, which is said once', async () => {
    open = await openProvider({ createSeconds: 10 });
    const { cloud, lines, specOf, launch, turn } = open;
    const denied = { mode: 'fail', status: 403, code: 'forbidden', times: 100 } as const;
    cloud.arm({ call: 'GET operations', ...denied });
    cloud.arm({ call: 'GET operations/*', ...denied });
    cloud.compute.failure = { code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'x' };
    const launches = ['0000000001', '0000000002'].map((nodeId) =>
      assert.rejects(launch(specOf({ nodeId })), /was deleted by somebody else/),
    );
    await turn(Promise.all(launches));
    const said = lines.map(({ fields }) => fields?.what);
    assert.deepEqual(said.toSorted(), ['list of operations', 'operation']);
  });

  it('does without a look at one instance where we may not have it', async () => {
    open = await openProvider({ createSeconds: 10 });
    open.cloud.arm({
      ...{ call: 'GET instances/*', mode: 'fail', status: 403, code: 'forbidden', times: 100 },
    });
    const launching = assert.rejects(open.launch(), /was deleted by somebody else/);
    await open.clock.advance(5000);
    open.cloud.vanish('np0000000001');
    await open.turn(launching);
    assert.match(open.lines[0]?.message ?? '', /listings must do/);
  });

  it('of an instance that somebody stops fails, and says so', async () => {
    open = await openProvider({ createSeconds: 30 });
    const launching = assert.rejects(open.launch(), /np0000000001 is in state TERMINATED/);
    await open.clock.advance(5000);
    const instance = open.cloud.compute.instances.get('np0000000001');
    if (instance) instance.status = 'TERMINATED';
    await open.turn(launching);
  });

  it('of an instance that never shows is not waited for without end', async () => {
    open = await openProvider({ lagSeconds: 100_000 });
    const launching = assert.rejects(open.launch(), /was deleted by somebody else/);
    await open.clock.advance(5000);
    open.cloud.vanish('np0000000001');
    await open.turn(launching);
    assert.ok(open.count('GET instances/*') < 5);
  });

  it('of an instance that shows late goes on', async () => {
    open = await openProvider({ lagSeconds: 100_000, createSeconds: 1 });
    assert.equal((await open.launch()).externalId, 'np0000000001');
  });

  it('asks once for a machine type, and says where the zone has none', async () => {
    open = await openProvider();
    const { launch, specOf, turn, count, cloud } = open;
    const nodes = ['0000000001', '0000000002', '0000000003'];
    await turn(Promise.all(nodes.map((nodeId) => launch(specOf({ nodeId })))));
    assert.equal(count('GET machineTypes/*'), 1);
    cloud.compute.types = [];
    await assert.rejects(launch(specOf({}, 'golden')), (error) => {
      assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match(error.message, /label golden: zone europe-west4-a has no machine type n2-/);
      return true;
    });
  });
});
