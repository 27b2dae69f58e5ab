import assert from 'node:assert/strict';

import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { settle } from '../../../../fixtures/clock.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { creationsAtOnce, instanceCreations } from '../../../../shared/drivers/aws/creation.ts';
import { fleetRequest } from '../../../../shared/drivers/aws/fleet.ts';
import { instanceRequest } from '../../../../shared/drivers/aws/instance-request.ts';
import type { LaunchSpec } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const config = providerConfig(`
name: aws
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    labels:
      - {name: plain, cloud-image: image, key-name: key, instance-type: t3.micro}
`);
const RUN = 'RunInstances';
const FLEET = 'CreateFleet';

async function subject(options: Partial<AwsCloudOptions> = {}) {
  const { clock, cloud, services, log } = await servicesSubject(options);
  const ended: string[] = [];
  const creations = instanceCreations({
    ...{ compute: services.compute, clock, log, random: () => 0.5, callsPerSecond: 2 },
    terminate: (id, signal) => {
      ended.push(id);
      return services.compute.terminate([id], signal);
    },
  });
  const specOf = (changes: Partial<LaunchSpec> = {}): LaunchSpec =>
    launchSpec(config, 'plain', changes);
  const templateName = 'nodepool-launch-template-0';
  cloud.templates.add({ id: 'lt-0', name: templateName, data: {}, createdMs: 0, tags: {} });
  return {
    ...{ clock, cloud, creations, specOf, ended },
    create: (spec = specOf(), signal = never(), imageId = cloud.imageId): Promise<string> => {
      const image = { ImageId: imageId };
      const input = instanceRequest({ spec, image });
      return creations.create(spec, { kind: 'instance', imageId, input }, signal);
    },
    createFleet: (): Promise<string> => {
      const spec = specOf();
      const { imageId } = cloud;
      const fleet = {
        'instance-types': ['m5.large'],
        'allocation-strategy': 'lowest-price' as const,
      };
      const input = fleetRequest({ spec, fleet, imageId, templateName });
      return creations.create(spec, { kind: 'fleet', imageId, input }, never());
    },
    /** Ids of all instances that are not ended. */
    instances: () => cloud.instances.alive().map(({ id }) => id),
  };
}

describe('the creation of an instance', () => {
  it('is one call, and its answer is remembered until the node is gone', async () => {
    const { cloud, create, creations, specOf, instances } = await subject();
    const id = await create();
    assert.deepEqual(instances(), [id]);
    assert.deepEqual(cloud.calls, [RUN]);
    assert.equal(await create(), id);
    assert.equal(countOf(cloud, RUN), 1);
    assert.notEqual(await create(specOf({ attempt: 2 })), id);
    creations.forget(specOf().nodeId);
    assert.notEqual(await create(), id);
  });

  for (const [call, name] of [
    [RUN, 'create'],
    [FLEET, 'createFleet'],
  ] as const)
    it(`whose answer was lost is asked for again: the same instance, by ${call}`, async () => {
      const { clock, cloud, instances, ...subjects } = await subject();
      cloud.arm({ call, mode: 'lose', times: 2 });
      const id = await settleByTurning(clock, subjects[name]());
      assert.deepEqual(instances(), [id]);
      assert.equal(countOf(cloud, call), 3);
    });

  it('with another image is another one to AWS, so that a refused one may be mended', async () => {
    const { clock, cloud, create, specOf } = await subject();
    await create();
    const other = cloud.plant.image();
    await create(specOf({ attempt: 2 }));
    const tokens = cloud.instances.alive().map(({ clientToken }) => clientToken ?? '');
    assert.match(tokens[0] ?? '', new RegExp(`^[0-9a-f]{32}-${cloud.imageId}$`));
    assert.equal(new Set(tokens).size, 2);
    await create(specOf({ attempt: 3 }), never(), other);
    assert.match(cloud.instances.alive().at(-1)?.clientToken ?? '', new RegExp(`-${other}$`));
    const long = create(specOf({ attempt: 4 }), never(), `ami-${'0'.repeat(70)}`);
    // AWS takes no token of more than 64 characters.
    await assert.rejects(settleByTurning(clock, long), /image id/i);
  });

  it('that AWS refuses is not tried again', async () => {
    const { cloud, create, instances } = await subject();
    cloud.arm({ call: RUN, mode: 'fail', status: 400, code: 'InvalidParameterValue' });
    await assert.rejects(create(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(countOf(cloud, RUN), 1);
    assert.deepEqual(instances(), []);
  });

  it('that is given up is carried to its end, and what it made is ended', async () => {
    const { cloud, create, instances, ended, clock } = await subject();
    const controller = new AbortController();
    cloud.onCall = () => {
      controller.abort(new Error('given up'));
    };
    await assert.rejects(create(undefined, controller.signal), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    cloud.onCall = undefined;
    await clock.advance(5000);
    await settle();
    assert.equal(ended.length, 1);
    assert.deepEqual(instances(), []);
  });
});

describe('creations at once', () => {
  it('keep the budget of calls busy, within reason', () => {
    assert.equal(creationsAtOnce(0.1), 8);
    assert.equal(creationsAtOnce(2), 8);
    assert.equal(creationsAtOnce(5), 20);
    assert.equal(creationsAtOnce(Infinity), 40);
  });
});
