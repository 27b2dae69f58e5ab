import assert from 'node:assert/strict';
import fc from 'fast-check';

import { settle } from '../../../../fixtures/clock.ts';
import type { OpenStackCloudOptions } from '../../../../fixtures/openstack-cloud/ground.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { LaunchSpec } from '../../../../shared/drivers/driver.ts';
import { serverCreations } from '../../../../shared/drivers/openstack/creation.ts';
import { serverRequest } from '../../../../shared/drivers/openstack/server-request.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';
import { SECTION } from './subject.ts';

const config = providerConfig(SECTION);
const POST = 'POST servers';
const LIST = 'GET servers/detail';
const isAborted = (error: unknown): boolean => hasCode(error, 'NP_ABORTED');

async function subject(options: Partial<OpenStackCloudOptions> = {}) {
  const { clock, cloud, services, log } = await servicesSubject(options);
  let refusals = 0;
  const creations = serverCreations({
    ...{ compute: services.compute, clock, log, random: () => 0.5 },
    onRefusal: () => refusals++,
  });
  const specOf = (changes: Partial<LaunchSpec> = {}): LaunchSpec =>
    launchSpec(config, 'plain', changes);
  return {
    ...{ clock, cloud, creations, specOf },
    refusals: () => refusals,
    create: (spec = specOf(), signal = never()): Promise<string> => {
      const request = serverRequest({
        ...{ spec, provider: config.name, imageName: 'image', configDrive: undefined },
        imageId: cloud.images.images.all()[0]?.id ?? '',
        flavorId: cloud.compute.flavor('small').id,
        ...{ networkIds: [], securityGroups: [] },
      });
      return creations.create(spec, request, signal);
    },
    /** Ids of all servers. */
    servers: () => cloud.compute.servers.all().map(({ id }) => id),
  };
}

describe('the creation of a server', () => {
  it('is one call, and its answer is remembered until the node is gone', async () => {
    const { cloud, create, creations, specOf, servers } = await subject();
    const id = await create();
    assert.deepEqual(servers(), [id]);
    assert.deepEqual(cloud.calls.slice(-1), [POST]);
    assert.equal(await create(), id);
    assert.equal(countOf(cloud, POST), 1);
    assert.notEqual(await create(specOf({ attempt: 2 })), id);
    creations.forget(specOf().nodeId);
    assert.notEqual(await create(), id);
    assert.equal(countOf(cloud, LIST), 0);
  });

  it('that the cloud refuses is not tried again, and leaves no doubt', async () => {
    const { cloud, create, refusals, servers } = await subject();
    cloud.arm({ call: POST, mode: 'fail', status: 400, message: 'Can not find requested image' });
    await assert.rejects(create(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(countOf(cloud, POST), 1);
    assert.equal(refusals(), 1);
    assert.equal(servers().length, 0);
    await create();
    assert.equal(countOf(cloud, LIST), 0);
    assert.equal(refusals(), 1);
  });

  it('is tried three times where nova fails', async () => {
    const { clock, cloud, create, refusals } = await subject();
    cloud.arm({ call: POST, mode: 'fail', status: 500, times: 9 });
    await assert.rejects(settleByTurning(clock, create()));
    assert.equal(countOf(cloud, POST), 3);
    assert.equal(countOf(cloud, LIST), 3);
    assert.equal(refusals(), 0);
  });

  it('outlasts a nova-api that is away for less than a minute', async () => {
    const { clock, cloud, create, servers } = await subject();
    const making = create();
    cloud.arm({ call: POST, mode: 'fail', status: 503, times: 7 });
    const id = await settleByTurning(clock, making);
    assert.deepEqual(servers(), [id]);
    assert.ok(clock.monotonic() < 60_000);
  });

  it('gives up a nova-api that stays away', async () => {
    const { clock, cloud, create } = await subject();
    cloud.arm({ call: POST, mode: 'fail', status: 503, times: 1000 });
    await assert.rejects(settleByTurning(clock, create()));
    assert.ok(clock.monotonic() >= 60_000 && clock.monotonic() < 90_000);
  });
});

describe('a creation whose answer is lost', () => {
  for (const mode of ['lose', 'reset', 'hang'] as const)
    it(`makes one server: ${mode}`, async () => {
      const { clock, cloud, create, servers } = await subject();
      cloud.arm({ call: POST, mode });
      const id = await settleByTurning(clock, create());
      assert.deepEqual(servers(), [id]);
      assert.equal(countOf(cloud, POST), mode === 'lose' ? 1 : 2);
      assert.equal(countOf(cloud, LIST), 1);
    });

  it('finds its server although the last look for it failed, too', async () => {
    const { clock, cloud, create, servers } = await subject();
    cloud.arm({ call: POST, mode: 'lose' });
    cloud.arm({ call: LIST, mode: 'fail', status: 500, times: 5 });
    const id = await settleByTurning(clock, create());
    assert.deepEqual(servers(), [id]);
    assert.equal(countOf(cloud, POST), 1);
  });

  it('takes no server of another node, or provider, though it has the name', async () => {
    const { clock, cloud, create, servers, specOf } = await subject();
    const { hostname: name, metadata } = specOf();
    const others = [
      cloud.plant.server({ name }),
      cloud.plant.server({ name, metadata: { ...metadata, nodepool_provider_name: 'other' } }),
      cloud.plant.server({ name, metadata: { ...metadata, nodepool_node_id: '0000000002' } }),
      cloud.plant.server({ name, metadata: { nodepool_node_id: '0000000001' } }),
    ];
    cloud.arm({ call: POST, mode: 'reset' });
    const id = await settleByTurning(clock, create());
    assert.ok(!others.includes(id));
    assert.equal(servers().length, 5);
  });

  it('takes no server of an earlier attempt', async () => {
    const { clock, cloud, create, specOf } = await subject();
    const first = await create();
    cloud.arm({ call: POST, mode: 'reset' });
    assert.notEqual(await settleByTurning(clock, create(specOf({ attempt: 2 }))), first);
  });

  it('is looked for by the next call for the launch', async () => {
    const { clock, cloud, create, servers } = await subject();
    cloud.arm({ call: POST, mode: 'lose' });
    cloud.arm({ call: LIST, mode: 'fail', status: 500, times: 100 });
    await assert.rejects(settleByTurning(clock, create()));
    cloud.disarm();
    assert.deepEqual([await settleByTurning(clock, create())], servers());
    assert.equal(countOf(cloud, POST), 1);
  });

  it('never makes two, whatever goes wrong', async () => {
    const fault = fc.record({
      call: fc.constantFrom(POST, LIST),
      mode: fc.constantFrom('lose', 'reset', 'hang', 'fail'),
      status: fc.constantFrom(500, 502, 503, 429),
      times: fc.integer({ min: 1, max: 4 }),
    });
    const run = async (
      faults: readonly (typeof fault extends fc.Arbitrary<infer F> ? F : never)[],
    ) => {
      const { clock, cloud, create, servers } = await subject();
      for (const one of faults) cloud.arm(one);
      const [outcome] = await settleByTurning(clock, Promise.allSettled([create()]));
      assert.ok(servers().length <= 1, `${servers().length} servers`);
      if (outcome.status === 'fulfilled') assert.deepEqual(servers(), [outcome.value]);
    };
    await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 4 }), run), { numRuns: 30 });
  });
});

describe('a launch that is broken off', () => {
  for (const mode of [undefined, 'lose', 'reset'] as const)
    it(`leaves no server behind: ${mode ?? 'nothing else goes wrong'}`, async () => {
      const { clock, cloud, create, servers } = await subject();
      const controller = new AbortController();
      if (mode) cloud.arm({ call: POST, mode });
      cloud.onCall = (call) => {
        if (call === POST) controller.abort(new Error('enough'));
      };
      await assert.rejects(create(undefined, controller.signal), isAborted);
      await clock.advance(10_000);
      assert.equal(countOf(cloud, 'DELETE servers/*'), 1);
      assert.deepEqual(servers(), []);
    });

  it('makes none if it waits for its turn', async () => {
    const { clock, cloud, create, servers, specOf } = await subject();
    cloud.arm({ call: POST, mode: 'hang', times: 20 });
    const running = Array.from({ length: 20 }, (_, index) =>
      create(specOf({ nodeId: `00000000${10 + index}` })),
    );
    const controller = new AbortController();
    const late = assert.rejects(create(specOf({ nodeId: '0000000099' }), controller.signal));
    await settle();
    controller.abort();
    await late;
    await settleByTurning(clock, Promise.all(running));
    assert.equal(countOf(cloud, POST), 40);
    assert.equal(servers().length, 20);
  });

  it('is not even begun', async () => {
    const { cloud, create } = await subject();
    await assert.rejects(create(undefined, AbortSignal.abort()));
    assert.equal(countOf(cloud, POST), 0);
  });
});

describe('many creations', () => {
  it('are twenty at once, and all of them are made', async () => {
    const { clock, cloud, create, servers, specOf } = await subject();
    cloud.arm({ call: POST, mode: 'hang', times: 20 });
    const all = Array.from({ length: 50 }, (_, index) =>
      create(specOf({ nodeId: `00000000${10 + index}`, hostname: `np00000000${10 + index}` })),
    );
    await settle();
    assert.equal(countOf(cloud, POST), 20);
    const ids = await settleByTurning(clock, Promise.all(all));
    assert.deepEqual(ids.toSorted(), servers().toSorted());
    assert.equal(new Set(ids).size, 50);
  });

  it('end when the provider is closed, and call nothing any more', async () => {
    const { clock, cloud, create, creations } = await subject();
    cloud.arm({ call: POST, mode: 'hang' });
    const ending = assert.rejects(create(), isAborted);
    await settle();
    creations.close();
    await ending;
    const calls = cloud.calls.length;
    await clock.advance(600_000);
    assert.equal(cloud.calls.length, calls);
  });
});
