import assert from 'node:assert/strict';

import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { NodepoolError } from '../../../../shared/base/errors.ts';
import { CloudFacts } from '../../../../shared/drivers/ibmvpc/facts.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';

const never = (): AbortSignal => new AbortController().signal;

const config = (subnet = 'sub', zone = 'z-1'): ProviderConfig =>
  providerConfig(`
name: ibm
driver: ibmvpc
region: z
vpc: ci
zone: ${zone}
subnet: ${subnet}
cloud-images:
  - {name: image, username: root, image-id: i}
pools:
  - {name: main, max-servers: 1, labels: [{name: small, cloud-image: image, profile: p}]}
`);

function subject(of = config()) {
  const vpcs = [
    { id: 'v0', name: 'other' },
    { id: 'v1', name: 'ci' },
  ];
  const keys = [{ id: 'k1', name: 'one' }];
  const calls: string[] = [];
  const said = <T>(what: string, value: T): Promise<T> => {
    calls.push(what);
    return Promise.resolve(value);
  };
  const facts = new CloudFacts(of, {
    vpcs: () => said('vpcs', vpcs),
    subnets: () =>
      said('subnets', [
        { id: 's0', name: 'sub', zone: 'z-1', vpcId: 'v0' },
        { id: 's1', name: 'sub', zone: 'z-1', vpcId: 'v1' },
        { id: 's2', name: 'two', zone: 'z-2', vpcId: 'v1' },
      ]),
    keys: () => said('keys', [...keys]),
  });
  const { pool } = labelOf(of, 'small');
  return { facts, pool, calls, vpcs, keys };
}

/** Fails unless it is a configuration that cannot work, and says so. */
async function assertFatal(work: Promise<unknown>, message: RegExp, hint: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL');
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    return true;
  });
}

describe('facts of a VPC', () => {
  it('are the VPC and the subnet of it by their names, asked for once', async () => {
    const { facts, pool, calls } = subject();
    assert.equal(await facts.subnetId(pool, never()), 's1');
    assert.equal(await facts.subnetId(pool, never()), 's1');
    assert.equal(await facts.vpcId(never()), 'v1');
    assert.deepEqual(calls, ['vpcs', 'subnets']);
  });

  it('that are missing say what there is', async () => {
    const { facts, vpcs } = subject();
    vpcs.pop();
    await assertFatal(facts.vpcId(never()), /provider ibm: there is no VPC ci in z/, /: other$/);
    const { facts: others, pool } = subject(config('none'));
    await assertFatal(
      others.subnetId(pool, never()),
      /pool main: there is no subnet none/,
      /sub \(z-1\), two \(z-2\)$/,
    );
  });

  it('do not fit where the subnet is in another zone than the pool', async () => {
    const { facts, pool } = subject(config('two', 'z-1'));
    await assertFatal(
      facts.subnetId(pool, never()),
      /subnet two is in zone z-2, not in z-1/,
      /correct subnet or zone/,
    );
  });

  it('are keys by their names, of which a new one is found', async () => {
    const { facts, keys, calls } = subject();
    assert.deepEqual(await facts.keyIds([], 'image', never()), []);
    assert.deepEqual(calls, []);
    assert.deepEqual(await facts.keyIds(['one'], 'image', never()), ['k1']);
    keys.push({ id: 'k2', name: 'two' });
    assert.deepEqual(await facts.keyIds(['two', 'one'], 'image', never()), ['k2', 'k1']);
    assert.deepEqual(calls, ['keys', 'keys']);
    await assertFatal(
      facts.keyIds(['one', 'none'], 'image', never()),
      /cloud image image: there is no key none/,
      /: one, two$/,
    );
  });

  it('are asked for again once they are dropped', async () => {
    const { facts, pool, calls } = subject();
    await facts.subnetId(pool, never());
    facts.drop();
    await facts.subnetId(pool, never());
    assert.equal(calls.length, 4);
  });
});
