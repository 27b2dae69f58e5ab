import assert from 'node:assert/strict';

import { hasCode } from '../../../shared/base/errors.ts';
import { driverNames, loadDriver } from '../../../shared/drivers/registry.ts';

describe('the registry of drivers', () => {
  for (const name of driverNames)
    it(`loads ${name} under its own name`, async () => {
      assert.equal((await loadDriver({ driver: name })).name, name);
    });

  for (const name of ['no-such-driver', '', 'toString', '__proto__'])
    it(`says that there is no driver ${JSON.stringify(name)}, and which there are`, async () => {
      await assert.rejects(loadDriver({ driver: name }), (error: Error & { hint?: string }) => {
        assert.ok(hasCode(error, 'NP_CONFIG_INVALID'));
        assert.ok(error.hint?.endsWith(driverNames.join(', ')));
        return true;
      });
    });
});
