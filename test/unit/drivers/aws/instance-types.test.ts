import assert from 'node:assert/strict';

import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';

import { CloudError } from '../../../../shared/base/errors.ts';
import { InstanceTypes } from '../../../../shared/drivers/aws/instance-types.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const config = providerConfig(`
name: one
driver: aws
region-name: us-east-1
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    labels:
      - {name: small, cloud-image: image, key-name: k, instance-type: t3.micro}
      - {name: same, cloud-image: image, key-name: k, instance-type: t3.micro}
      - {name: wrong, cloud-image: image, key-name: k, instance-type: t9.huge}
      - name: any
        cloud-image: image
        key-name: k
        fleet: {instance-types: [m5.large, t3.micro], allocation-strategy: prioritized}
`);

const signal = new AbortController().signal;

function subject(existing: readonly string[] = ['t3.micro', 'm5.large', 'c5.large']) {
  const calls: string[] = [];
  const there = new Set(existing);
  const trouble: { error?: Error } = {};
  const compute = {
    instanceTypes: (names: readonly string[]): Promise<readonly InstanceTypeInfo[]> => {
      calls.push(names.join(' '));
      if (trouble.error !== undefined) return Promise.reject(trouble.error);
      const missing = names.filter((name) => !there.has(name));
      if (missing.length > 0)
        return Promise.reject(new CloudError('NP_CLOUD_FATAL', `not there: ${missing.join()}`));
      return Promise.resolve(names.map((InstanceType) => ({ InstanceType }) as InstanceTypeInfo));
    },
  };
  return { types: new InstanceTypes({ config, compute }), calls, there, trouble };
}

describe('instance types', () => {
  it('are all asked for at once with the first that is needed, and once', async () => {
    const { types, calls } = subject(['t3.micro', 'm5.large', 't9.huge']);
    const [small, large] = await Promise.all([
      types.get('t3.micro', signal),
      types.get('m5.large', signal),
    ]);
    assert.deepEqual([small.InstanceType, large.InstanceType], ['t3.micro', 'm5.large']);
    await types.get('t9.huge', signal);
    assert.deepEqual(calls, ['m5.large t3.micro t9.huge']);
  });

  it('are known though one of them does not exist', async () => {
    const { types, calls } = subject();
    await types.prepare(signal);
    assert.deepEqual(calls, ['m5.large t3.micro t9.huge', ...['m5.large', 't3.micro', 't9.huge']]);
    calls.length = 0;
    await types.get('t3.micro', signal);
    assert.deepEqual(calls, []);
  });

  it('that do not exist are the configuration’s fault, until they come', async () => {
    const { types, calls, there } = subject();
    await types.prepare(signal);
    await assert.rejects(types.get('t9.huge', signal), (error: CloudError) => {
      assert.equal(error.code, 'NP_CLOUD_FATAL');
      assert.match(error.message, /t9\.huge in us-east-1: not there: t9\.huge/);
      assert.match(error.hint ?? '', /describe-instance-type-offerings --region us-east-1/);
      return true;
    });
    there.add('t9.huge');
    calls.length = 0;
    assert.equal((await types.get('t9.huge', signal)).InstanceType, 't9.huge');
    assert.deepEqual(calls, ['t9.huge']);
  });

  it('of foreign instances that AWS does not know are asked for once', async () => {
    const { types, calls } = subject();
    await types.known(['c5.large', 'old.one'], signal);
    calls.length = 0;
    const known = await types.known(['c5.large', 'old.one'], signal);
    assert.deepEqual([known.has('c5.large'), known.has('old.one')], [true, false]);
    assert.deepEqual(calls, []);
  });

  it('are not taken for unknown because AWS failed', async () => {
    const { types, trouble } = subject();
    trouble.error = new CloudError('NP_CLOUD_TRANSIENT', 'away', { labels: ['retryable'] });
    await assert.rejects(types.get('t3.micro', signal), /away/);
    await assert.rejects(types.known(['t3.micro'], signal), /away/);
    delete trouble.error;
    assert.equal((await types.get('t3.micro', signal)).InstanceType, 't3.micro');
  });

  it('that an answer leaves out do not exist', async () => {
    const types = new InstanceTypes({
      config,
      compute: { instanceTypes: () => Promise.resolve([]) },
    });
    await assert.rejects(
      types.get('t3.micro', signal),
      /t3\.micro in us-east-1: AWS does not know/,
    );
  });
});
