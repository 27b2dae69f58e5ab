import assert from 'node:assert/strict';

import type { AzureOptions } from '../../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { CloudFacts, subnetPlace } from '../../../../shared/drivers/azure/facts.ts';

const never = (): AbortSignal => new AbortController().signal;

/** The facts of a provider, and the subnets that Azure was asked for. */
function subject(options: Partial<AzureOptions>, answer: () => Promise<{ id?: string }>) {
  const asked: string[] = [];
  const config = { name: 'one', place: 'section', options: { resourceGroup: 'nodes', ...options } };
  const facts = new CloudFacts(config as unknown as ProviderConfig, {
    subnet: (group, network, subnet) => {
      asked.push(`${group} ${network} ${subnet}`);
      return answer();
    },
  });
  return { facts, asked };
}

const there = (): Promise<{ id?: string }> => Promise.resolve({ id: '/there' });

describe('azure: the subnet', () => {
  it('is the one that is given by its id, without a call', async () => {
    const { facts, asked } = subject({ subnetId: '/given', network: 'one' }, there);
    assert.equal(await facts.subnetId.get(never()), '/given');
    assert.deepEqual(asked, []);
  });

  it("is found by the network, in the provider's group unless another is named", () => {
    const resourceGroup = 'nodes';
    assert.deepEqual(subnetPlace({ resourceGroup, network: 'one' }), {
      ...{ group: 'nodes', network: 'one', subnet: 'default' },
    });
    const network = { 'resource-group': 'other', network: 'one', subnet: 'two' };
    assert.deepEqual(subnetPlace({ resourceGroup, network }), {
      ...{ group: 'other', network: 'one', subnet: 'two' },
    });
    assert.equal(subnetPlace({ resourceGroup, network: { subnet: 'two' } }), undefined);
    assert.equal(subnetPlace({ resourceGroup, network: undefined }), undefined);
  });

  it('is asked for once, and again after Azure has refused something', async () => {
    const { facts, asked } = subject({ network: 'one' }, there);
    for (let times = 0; times < 3; times++)
      assert.equal(await facts.subnetId.get(never()), '/there');
    assert.deepEqual(asked, ['nodes one default']);
    facts.drop();
    await facts.subnetId.get(never());
    assert.equal(asked.length, 2);
  });

  for (const [what, options, answer, text] of [
    ['no network is named', {}, there, /^provider one names no network/],
    [
      'there is none',
      { network: 'one' },
      () => Promise.reject(new CloudError('NP_CLOUD_NOT_FOUND', 'gone')),
      /^provider one: there is no subnet default in network one of resource group nodes: gone/,
    ],
    ['it has no id', { network: 'one' }, () => Promise.resolve({}), /there is no subnet default/],
  ] as const)
    it(`is a matter of the configuration where ${what}`, async () => {
      const { facts } = subject(options, answer);
      await assert.rejects(facts.subnetId.get(never()), (error) => {
        assert.ok(error instanceof CloudError);
        assert.equal(error.code, 'NP_CLOUD_FATAL');
        assert.match(error.message, text);
        assert.match(error.hint ?? '', /section/);
        return true;
      });
    });
});
