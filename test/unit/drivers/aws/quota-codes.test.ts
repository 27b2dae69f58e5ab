import assert from 'node:assert/strict';

import { hostCode, instanceCode, volumeCodes } from '../../../../shared/drivers/aws/quota-codes.ts';

describe('codes of AWS’s limits', () => {
  for (const [type, onDemand, spot] of [
    ['t3.micro', 'L-1216C47A', 'L-34B43A08'],
    ['m7gd.metal-48xl', 'L-1216C47A', 'L-34B43A08'],
    ['dl1.24xlarge', 'L-6E869C2A', 'L-85EED4F7'],
    ['d3en.xlarge', 'L-1216C47A', 'L-34B43A08'],
    ['vt1.3xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['g5g.xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['u-12tb1.112xlarge', 'L-43DA4232', undefined],
    ['hpc7a.96xlarge', 'L-F7808C92', undefined],
    ['trn1n.32xlarge', 'L-2C3B7624', 'L-6B0D517C'],
    ['mac2-m2.metal', undefined, undefined],
    ['valueOf1.large', undefined, undefined],
    ['large', undefined, undefined],
    ['', undefined, undefined],
  ] as const)
    it(`are chosen for instances by what stands before the first digit: ${type}`, () => {
      assert.deepEqual(
        [instanceCode(type, 'onDemand'), instanceCode(type, 'spot')],
        [onDemand, spot],
      );
    });

  for (const [type, code] of [
    ['m5.large', 'L-8B7BF662'],
    ['m5', 'L-8B7BF662'],
    ['mac2-m2.metal', 'L-B90B5B66'],
    ['mac2-m2pro.metal', 'L-14F120D1'],
    ['inf.large', 'L-5480EFD2'],
    ['u7in-32tb.224xlarge', 'L-9D28191F'],
    ['m99.large', undefined],
    ['constructor.large', undefined],
  ] as const)
    it(`are chosen for hosts by what stands before the first dot: ${type}`, () => {
      assert.equal(hostCode(type), code);
    });

  it('are chosen for volumes by their type', () => {
    assert.deepEqual(volumeCodes('io2'), { iops: 'L-8D977E7E', storage: 'L-09BD8365' });
    assert.deepEqual(volumeCodes('gp3'), { storage: 'L-7A658B76' });
    assert.equal(volumeCodes('toString'), undefined);
  });
});
