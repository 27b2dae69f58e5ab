import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { configPage } from '../../../contrib/generate/config-page.ts';
import { driverSections } from '../../../schemas/config/drivers/all.ts';
import { configJsonSchema } from '../../../schemas/config/json-schema.ts';

const root = join(import.meta.dirname, '../../..');

describe('what is generated from the schemas', () => {
  it('is up to date: the JSON Schema (npm run generate)', async () => {
    const text = await readFile(join(root, 'schemas/generated/nodepool.schema.json'), 'utf8');
    assert.equal(text, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  });

  it('is up to date: the reference page (npm run generate)', async () => {
    const text = await readFile(join(root, 'docs/reference/configuration.md'), 'utf8');
    assert.equal(text, configPage());
  });

  it('tells the meaning of every option', () => {
    const silent = configPage()
      .split('\n')
      .filter((line) => /^\| `.*\| +\|$/.test(line));
    assert.deepEqual(silent, []);
  });

  it('has a section for every driver', () => {
    const { $defs } = configJsonSchema() as { $defs: Record<string, unknown> };
    assert.deepEqual(Object.keys($defs).sort(), [...driverSections.keys()].sort());
  });

  it('requires in editors what config-validate requires', () => {
    const { $defs } = configJsonSchema() as { $defs: Record<string, { required: string[] }> };
    assert.deepEqual($defs.aws?.required.sort(), ['name', 'pools', 'region-name']);
  });
});
