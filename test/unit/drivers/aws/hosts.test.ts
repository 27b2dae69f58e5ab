import assert from 'node:assert/strict';

import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { providerSubject } from './provider-subject.ts';
import { countOf, never } from './services.ts';

const SECTION = `
name: aws
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: IMAGE}]
pools:
  - name: main
    availability-zone: us-west-2a
    labels:
      - name: host
        cloud-image: image
        key-name: key
        instance-type: m5.large
        dedicated-host: true
`;
const ALLOCATE = 'AllocateHosts';
const RUN = 'RunInstances';

const subject = (options: Partial<AwsCloudOptions> = {}) => providerSubject(SECTION, options);

describe('a launch on a host of its own', () => {
  it('reports the host before there is an instance, then both', async () => {
    const { cloud, launch, specOf } = await subject({ lagSeconds: 3 });
    const spec = specOf('host', {});
    const made = await launch(spec);
    const [host] = cloud.hosts.alive();
    const [instance] = cloud.instances.alive();
    const both = { host: host?.id, instance: instance?.id };
    assert.deepEqual(spec.reported, [{ host: host?.id }, both]);
    assert.deepEqual(made.externalId, both);
    assert.equal(instance?.hostId, host?.id);
    assert.deepEqual(host?.tags, { ...spec.metadata, Name: spec.hostname });
    assert.deepEqual(made.resources, { instances: 1, 'L-8B7BF662': 1 });
    const creations = cloud.calls.filter((call) => [ALLOCATE, RUN].includes(call));
    assert.deepEqual(creations, [ALLOCATE, RUN]);
  });

  it('starts no instance before the host is available', async () => {
    const { clock, cloud, provider, specOf } = await subject();
    cloud.hold('create');
    const spec = specOf('host');
    const launching = provider.launch(spec, never());
    await clock.advance(60_000);
    assert.equal(spec.reported.length, 1);
    assert.equal(countOf(cloud, RUN), 0);
    cloud.release('create');
    await settleByTurning(clock, launching);
    assert.equal(countOf(cloud, RUN), 1);
  });

  it('asks again where the answer was lost, and gets the same host', async () => {
    const { cloud, launch, specOf } = await subject();
    cloud.arm({ call: ALLOCATE, mode: 'lose' });
    await launch(specOf('host'));
    assert.equal(cloud.counts.hosts, 1);
    assert.equal(countOf(cloud, ALLOCATE), 2);
  });

  it('fails where the host fails, and nothing remains after its deletion', async () => {
    const { cloud, launch, provider, settle, specOf } = await subject();
    cloud.hosts.isBroken = true;
    const spec = specOf('host');
    await assert.rejects(launch(spec), /in state permanent-failure/);
    assert.equal(countOf(cloud, RUN), 0);
    const [externalId = ''] = spec.reported;
    await settle(provider.delete({ externalId, nodeId: spec.nodeId, driverData: null }, never()));
    assert.equal(cloud.counts.hosts, 0);
  });

  it('fails where somebody else releases the host, or AWS never shows it', async () => {
    const { clock, cloud, provider, specOf } = await subject();
    cloud.hold('create');
    const failing = assert.rejects(
      provider.launch(specOf('host'), never()),
      /released by somebody else/,
    );
    await clock.advance(5000);
    cloud.hosts.remove(cloud.hosts.alive()[0]?.id ?? '');
    await settleByTurning(clock, failing);

    const late = await subject({ lagSeconds: 3600 });
    await assert.rejects(late.launch(late.specOf('host')), /released by somebody else/);
    assert.ok(late.clock.monotonic() >= 120_000);
  });

  it('is refused as a matter of quota where there may be no more hosts', async () => {
    const { cloud, launch, specOf } = await subject();
    cloud.limits = { 'L-8B7BF662': 0 };
    const spec = specOf('host');
    await assert.rejects(launch(spec), (error) => hasCode(error, 'NP_CLOUD_QUOTA'));
    assert.deepEqual(spec.reported, []);
  });
});
