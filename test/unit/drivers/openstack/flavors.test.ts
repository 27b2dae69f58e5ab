import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { OpenStackLabelOptions } from '../../../../schemas/config/drivers/openstack.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { Flavor } from '../../../../shared/drivers/openstack/client/compute.ts';
import { bySize, chooseFlavor, flavorQuota } from '../../../../shared/drivers/openstack/flavors.ts';

const flavor = (name: string, ram: number): Flavor => ({ id: `id-${name}`, name, ram, vcpus: 1 });

const FLAVORS = bySize([
  flavor('large', 8192),
  flavor('small-gpu', 2048),
  flavor('small', 2048),
  flavor('medium', 4096),
]);

const chosen = (minRamMib: number, flavorName?: string): string =>
  chooseFlavor(FLAVORS, 'label', { minRamMib, flavorName } as OpenStackLabelOptions).name;

describe('the flavor of a label', () => {
  it('is the smallest with enough memory', () => {
    assert.equal(chosen(1), 'small');
    assert.equal(chosen(2048), 'small');
    assert.equal(chosen(2049), 'medium');
    assert.equal(chosen(8192), 'large');
  });

  it('is the smallest of those whose name contains the text', () => {
    assert.equal(chosen(1024, 'gpu'), 'small-gpu');
    assert.equal(chosen(1024, 'm'), 'small');
    assert.equal(chosen(3000, 'm'), 'medium');
    assert.equal(chosen(1024, ''), 'small');
  });

  it('is the one of the exact name or id where no memory is asked for', () => {
    assert.equal(chosen(0, 'small-gpu'), 'small-gpu');
    assert.equal(chosen(0, 'id-large'), 'large');
    assert.equal(chosen(0, 'small'), 'small');
  });

  for (const [minRamMib, name, text] of [
    [8193, undefined, 'no flavor for min-ram: 8193'],
    [1024, 'nano', 'no flavor for min-ram: 1024 and flavor-name: nano'],
    [0, 'sma', 'no flavor for flavor-name: sma'],
  ] as const)
    it(`is an error that names what there is: ${text}`, () => {
      assert.throws(
        () => chosen(minRamMib, name),
        (error) =>
          hasCode(error, 'NP_CLOUD_FATAL') &&
          (error as Error).message.includes(`label label: ${text}`) &&
          (error as { hint?: string }).hint ===
            'the cloud has: small (2048 MiB), small-gpu (2048 MiB), medium (4096 MiB), large (8192 MiB)',
      );
    });

  it('is never one with less memory, and none with enough is smaller', () => {
    const flavors = fc.array(fc.tuple(fc.string(), fc.nat(5000)), { minLength: 1 });
    fc.assert(
      fc.property(flavors, fc.integer({ min: 1, max: 5000 }), (all, minRamMib) => {
        const list = bySize(all.map(([name, ram]) => flavor(name, ram)));
        const enough = list.filter(({ ram }) => ram >= minRamMib).map(({ ram }) => ram);
        fc.pre(enough.length > 0);
        const { ram } = chooseFlavor(list, 'label', { minRamMib } as OpenStackLabelOptions);
        assert.equal(ram, Math.min(...enough));
      }),
    );
  });

  it('takes one instance, its cores and its memory', () => {
    assert.deepEqual(flavorQuota({ vcpus: 4, ram: 512 }), { instances: 1, cores: 4, ram: 512 });
  });
});
