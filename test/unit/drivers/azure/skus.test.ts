import assert from 'node:assert/strict';
import type { ResourceSku } from '@azure/arm-compute';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { isSameLocation, skuOf, Skus, skusOf } from '../../../../shared/drivers/azure/skus.ts';
import { skuFields } from './sku-fields.ts';

const never = (): AbortSignal => new AbortController().signal;
const refused = (type: 'Location' | 'Zone', values: string[]): ResourceSku['restrictions'] => [
  {
    ...{ type, values, reasonCode: 'NotAvailableForSubscription' },
    restrictionInfo: type === 'Location' ? { locations: values } : { zones: values },
  },
];

describe('sizes of a location', () => {
  it('tell what they take', () => {
    const list = [
      skuFields('Standard_D2s_v5', { family: 'standardDSv5Family', cores: 2, memoryGb: 7.5 }),
    ];
    assert.deepEqual(skuOf(skusOf(list, 'East US'), 'standard_d2S_v5'), {
      ...{ name: 'Standard_D2s_v5', family: 'standardDSv5Family', cores: 2, ramMib: 7680 },
      ...{ refusal: undefined, zones: [] },
    });
  });

  it('are no disks, and none of another location', () => {
    const disk = { ...skuFields('Premium_LRS'), resourceType: 'disks' };
    const list = [disk, skuFields('Standard_B1s', { location: 'westus' })];
    assert.equal(skusOf(list, 'eastus').size, 0);
  });

  it('do not tell what Azure does not say', () => {
    const list = [{ ...skuFields('Standard_B1s', { family: '' }), capabilities: [] }];
    const sku = skuOf(skusOf(list, 'eastus'), 'Standard_B1s');
    assert.deepEqual([sku?.cores, sku?.ramMib, sku?.family], [undefined, undefined, undefined]);
  });

  it('can be refused to a subscription, here or elsewhere', () => {
    const of = (locations: string[]): string | undefined =>
      skuOf(
        skusOf([skuFields('B', { restrictions: refused('Location', locations) })], 'eastus'),
        'B',
      )?.refusal;
    assert.equal(of(['eastus']), 'NotAvailableForSubscription');
    assert.equal(of(['westus']), undefined);
  });

  it('have the zones that are not refused', () => {
    const sku = skuFields('B', { zones: ['3', '1', '2'], restrictions: refused('Zone', ['2']) });
    assert.deepEqual(skuOf(skusOf([sku], 'eastus'), 'B')?.zones, ['1', '3']);
  });

  it('are of one location, however it is spelled', () => {
    assert.ok(isSameLocation('West Europe', 'westeurope'));
    assert.ok(!isSameLocation('westus', 'westus2'));
  });
});

describe('Skus', () => {
  function subject(...answers: ResourceSku[][]) {
    const clock = new ManualClock();
    const calls: string[] = [];
    const limits = {
      skus: (location: string) => {
        calls.push(location);
        return Promise.resolve(answers[Math.min(calls.length, answers.length) - 1] ?? []);
      },
    };
    const skus = new Skus({ limits, location: 'eastus', clock });
    return { clock, calls, skus, wanted: (size: string) => skus.wanted(size, 'small', never()) };
  }
  const isFatal = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_FATAL');

  it('are asked for once an hour', async () => {
    const { clock, calls, skus } = subject([skuFields('Standard_B1s')]);
    await Promise.all([skus.get(never()), skus.get(never())]);
    await clock.advance(3_599_000);
    assert.equal((await skus.get(never())).size, 1);
    assert.deepEqual(calls, ['eastus']);
    await clock.advance(1000);
    await skus.get(never());
    assert.equal(calls.length, 2);
  });

  it('refuse a size that there is not, and name those of its series', async () => {
    const { wanted } = subject([skuFields('Standard_B1s'), skuFields('Standard_D2s_v5')]);
    await assert.rejects(wanted('Standard_D3s_v5'), (error: Error & { hint?: string }) => {
      assert.match(error.message, /label small: there is no vm-size Standard_D3s_v5/);
      assert.equal(error.hint, 'it has: Standard_D2s_v5');
      return isFatal(error);
    });
    await assert.rejects(wanted('Small'), { hint: 'it has: Standard_B1s, Standard_D2s_v5' });
  });

  it('refuse a size that the subscription cannot have', async () => {
    const { wanted } = subject([
      skuFields('Standard_B1s', { restrictions: refused('Location', ['eastus']) }),
      skuFields('Standard_B2s'),
    ]);
    await assert.rejects(wanted('Standard_B1s'), (error: Error & { hint?: string }) => {
      assert.match(error.message, /not for this subscription .*NotAvailableForSubscription/);
      assert.match(error.hint ?? '', /support.*: Standard_B2s$/);
      return isFatal(error);
    });
  });

  it('are looked at again before a size is refused, unless they are fresh', async () => {
    const [old, fresh] = [[skuFields('Standard_B1s')], [skuFields('Standard_B2s')]];
    const { calls, wanted } = subject(old, fresh);
    await assert.rejects(wanted('Standard_B2s'), isFatal);
    assert.equal(calls.length, 1);
    assert.equal((await wanted('Standard_B2s'))?.name, 'Standard_B2s');
    assert.equal(calls.length, 2);
  });

  it('refuse nothing where Azure tells of none', async () => {
    assert.equal(await subject([]).wanted('Standard_B1s'), undefined);
  });

  it('say whether the location has zones', async () => {
    const has = (zones: string[]): Promise<boolean> =>
      subject([skuFields('A'), skuFields('B', { zones })]).skus.hasZones(never());
    assert.equal(await has(['1']), true);
    assert.equal(await has([]), false);
  });
});
