import assert from 'node:assert/strict';

import { resourceUse } from '../../../../launcher/status/providers.ts';

describe('resourceUse', () => {
  it('names what is limited, used or reserved, and null where there is no limit', () => {
    const limits = { instances: 10, cores: Infinity, ram: Infinity };
    assert.deepEqual(resourceUse(limits, { instances: 3, ram: 2048 }, { instances: 1, disk: 5 }), [
      { resource: 'instances', used: 3, reserved: 1, limit: 10 },
      { resource: 'ram', used: 2048, reserved: 0, limit: null },
      { resource: 'disk', used: 0, reserved: 5, limit: null },
    ]);
  });

  it('keeps a limit of nothing, and what others use beyond it', () => {
    assert.deepEqual(resourceUse({ instances: 0, cores: -4 }, {}, {}), [
      { resource: 'instances', used: 0, reserved: 0, limit: 0 },
      { resource: 'cores', used: 0, reserved: 0, limit: -4 },
    ]);
  });
});
