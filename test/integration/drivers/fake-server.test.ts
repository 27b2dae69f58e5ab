import assert from 'node:assert/strict';

import { startFakeCloudServer, type FakeCloudServer } from '../../../fixtures/fake-cloud/server.ts';
import { NO_WIRE_FAULTS } from '../../../fixtures/fake-cloud/wire-faults.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { hasCode, hasLabel } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { Instance, Provider } from '../../../shared/drivers/driver.ts';
import { createFakeDriver } from '../../../shared/drivers/fake/driver.ts';
import { NO_FAULTS } from '../../../shared/drivers/fake/faults.ts';
import { eventually } from '../../support/eventually.ts';
import { launchSpec } from '../../support/launch-spec.ts';
import { providerConfig } from '../../support/provider-config.ts';

const config: ProviderConfig = providerConfig(`
name: cloud
driver: fake
cloud: fake
cloud-images: [{name: image, image-name: Fake Precise}]
pools:
  - name: main
    labels: [{name: plain, cloud-image: image, min-ram: 8192}]
`);

const never = (): AbortSignal => new AbortController().signal;

describe('a fake cloud in another process', () => {
  let server: FakeCloudServer;

  beforeEach(async () => {
    server = await startFakeCloudServer({ seed: 1 });
  });
  afterEach(() => server.close());

  /** As a launcher that starts finds it. */
  const connect = (): Promise<Provider> =>
    createFakeDriver().connect(
      config,
      {
        clock: systemClock,
        random: Math.random,
        log: silentLogger,
        environment: {},
        extension: { server: server.url },
        pollSeconds: 1,
        imageCheckSeconds: 300,
      },
      never(),
    );

  const launch = async (provider: Provider): Promise<Instance> => {
    const launching = provider.launch?.(launchSpec(config, 'plain'), never());
    assert.ok(launching);
    return launching;
  };

  it('has its machines still when a launcher starts anew', async () => {
    const { externalId } = await launch(await connect());
    const next = await connect();
    const [seen, ...others] = await next.listInstances(never());
    assert.deepEqual(seen?.externalId, externalId);
    assert.deepEqual(others, []);
    await next.delete({ externalId, nodeId: '0000000001', driverData: null }, never());
    assert.deepEqual(server.cloud('cloud').servers, []);
  });

  it('makes one machine where the answer to a create is lost', async () => {
    server.setWireFaults('cloud', { ...NO_WIRE_FAULTS, losesAnswer: 1 });
    const launching = launch(await connect());
    await eventually(() => server.cloud('cloud').calls.create === 1);
    server.setWireFaults('cloud', NO_WIRE_FAULTS);
    const { externalId } = await launching;
    assert.deepEqual(
      server.cloud('cloud').servers.map(({ id }) => id),
      [externalId],
    );
  });

  it('says what kind of failure it was', async () => {
    server.cloud('cloud').setLimits({ instances: 0 });
    const provider = await connect();
    assert.deepEqual(await provider.quotaLimits(never()), { instances: 0 });
    await assert.rejects(launch(provider), (error) => hasCode(error, 'NP_CLOUD_QUOTA'));
  });

  it('fails for now where nobody answers', async () => {
    const provider = await connect();
    await server.close();
    await assert.rejects(provider.listInstances(never()), (error) => hasLabel(error, 'retryable'));
  });

  it('may say that a machine is gone while it is not', async () => {
    const cloud = server.cloud('cloud');
    const provider = await connect();
    const { externalId } = await launch(provider);
    server.setWireFaults('cloud', { ...NO_WIRE_FAULTS, deletesLater: 1 });
    cloud.setFaults({ ...NO_FAULTS, deleteDelaySeconds: 3600 });
    await provider.delete({ externalId, nodeId: '0000000001', driverData: null }, never());
    assert.equal(cloud.servers[0]?.status, 'DELETING');
  });
});
