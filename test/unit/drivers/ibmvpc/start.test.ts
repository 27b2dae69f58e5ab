import assert from 'node:assert/strict';

import { NodepoolError } from '../../../../shared/base/errors.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { createIbmVpcDriver } from '../../../../shared/drivers/ibmvpc/driver.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { ibmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

/** The subject's provider with another configuration, or other options of ours. */
function connect(
  { clock, cloud }: Pick<ReturnType<typeof ibmVpcSubject>, 'clock' | 'cloud'>,
  config: ProviderConfig,
  extension?: unknown,
): Promise<Provider> {
  const env = {
    ...{ clock, random: () => 0.5, log: silentLogger, extension, pollSeconds: 1 },
    environment: { VPC_APIKEY: 'wrong', VPC_AUTH_TYPE: 'noAuth' },
    imageCheckSeconds: 300,
  };
  const driver = createIbmVpcDriver({ fetch: cloud.fetch });
  return settleByTurning(clock, driver.connect(config, env, never()));
}

describe('ibmvpc: the start of a provider', () => {
  it('asks for what is needed once, and makes the group of each pool', async () => {
    const { clock, cloud, connect: begin } = ibmVpcSubject();
    const provider = await settleByTurning(clock, begin());
    assert.deepEqual(cloud.calls, [
      ...['POST token', 'GET vpcs', 'GET subnets'],
      ...['GET resource_groups', 'POST resource_groups', 'GET images'],
    ]);
    cloud.calls.length = 0;
    await provider.close();
    await settleByTurning(clock, begin());
    assert.ok(!cloud.calls.includes('POST resource_groups'));
  });

  it('of a builder asks for nothing of the kind', async () => {
    const subject = ibmVpcSubject();
    const { cloud, config } = subject;
    await connect(subject, { ...config, pools: [] });
    assert.deepEqual(cloud.calls, []);
  });

  it('fails where groups could not be told apart by their names', async () => {
    const subject = ibmVpcSubject();
    await assert.rejects(connect(subject, { ...subject.config, name: 'a_b' }), (error) => {
      assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL');
      assert.match(error.message, /must have no _: a_b$/);
      assert.match(error.hint ?? '', /rename them/);
      return true;
    });
    assert.deepEqual(subject.cloud.calls, []);
  });

  it('fails with what is wrong with the options of ours', async () => {
    const subject = ibmVpcSubject();
    const wrong = connect(subject, subject.config, { endpoints: { vpc: 'nowhere' } });
    await assert.rejects(wrong, /extensions: drivers: ibmvpc: .*endpoints\.vpc/s);
  });

  it('fails with a wrong key, and leaves nothing open', async () => {
    const subject = ibmVpcSubject();
    await assert.rejects(connect(subject, subject.config), (error) => {
      assert.ok(error instanceof NodepoolError && error.labels.includes('retryable'));
      assert.match(error.message, /GET vpc vpcs: status 401/);
      return true;
    });
    assert.equal(subject.clock.pending, 0);
  });

  it('tells of the limits that the section has', async () => {
    const { clock, connect: begin } = ibmVpcSubject({}, '', {
      provider: ['quota: {instances: 3, cores: 12, ram: 4096}'],
    });
    const provider = await settleByTurning(clock, begin());
    assert.deepEqual(await provider.quotaLimits(never()), { instances: 3, cores: 12, ram: 4096 });
    assert.deepEqual(await provider.availabilityZones(never()), []);
  });
});
