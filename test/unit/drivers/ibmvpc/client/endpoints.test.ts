import assert from 'node:assert/strict';

import { hasCode } from '../../../../../shared/base/errors.ts';
import { endpointsFor } from '../../../../../shared/drivers/ibmvpc/client/endpoints.ts';

describe('endpoints of IBM', () => {
  it("are IBM's own, that of VPC the region's", () => {
    assert.deepEqual(endpointsFor('eu-de', undefined), {
      vpc: 'https://eu-de.iaas.cloud.ibm.com/v1',
      'resource-manager': 'https://resource-controller.cloud.ibm.com/v2',
      'resource-controller': 'https://resource-controller.cloud.ibm.com/v2',
    });
  });

  it('are those that the configuration names, with the region put in', () => {
    const vpc = 'https://{region}.private.iaas.cloud.ibm.com/v1/';
    const named = { vpc, 'resource-manager': 'http://127.0.0.1:1/v2' };
    const found = endpointsFor('eu-de', { endpoints: named });
    assert.equal(found.vpc, 'https://eu-de.private.iaas.cloud.ibm.com/v1');
    assert.equal(found['resource-manager'], 'http://127.0.0.1:1/v2');
    assert.match(found['resource-controller'], /^https:\/\/resource-controller/);
  });

  it('must be such', () => {
    for (const value of [
      { endpoints: { vpc: 'ftp://x' } },
      { other: 1 },
      { endpoints: { v: 'x' } },
    ])
      assert.throws(
        () => endpointsFor('eu-de', value),
        (error) => hasCode(error, 'NP_CONFIG_INVALID') && String(error).includes('ibmvpc'),
      );
  });
});
