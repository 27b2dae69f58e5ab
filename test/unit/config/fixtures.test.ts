import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { driverSections } from '../../../schemas/config/drivers/all.ts';
import { loadConfig } from '../../../shared/config/load.ts';

const folder = join(import.meta.dirname, '../../../fixtures/configs');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('example configurations', () => {
  const seen = new Set<string>();

  for (const file of files)
    it(`${file} is valid`, async () => {
      const { config, warnings } = await loadConfig({ path: join(folder, file), environment: {} });
      assert.deepEqual(warnings, []);
      for (const provider of config.providers.values()) seen.add(provider.driver);
    });

  it('show every driver', () => {
    assert.deepEqual([...seen].sort(), [...driverSections.keys()].sort());
  });
});
