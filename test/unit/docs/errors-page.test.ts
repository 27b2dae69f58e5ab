import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorsPage } from '../../../contrib/generate/errors-page.ts';
import { errorCodes } from '../../../shared/base/error-codes.ts';

describe('docs/reference/errors.md', () => {
  it('is what `npm run generate` makes', async () => {
    const page = resolve(import.meta.dirname, '../../../docs/reference/errors.md');
    assert.equal(await readFile(page, 'utf8'), errorsPage(), 'run `npm run generate`');
  });

  it('says for each code what it means and what to do', () => {
    for (const [code, { meaning, remedy }] of Object.entries(errorCodes)) {
      assert.match(code, /^(ZK|NP)_[A-Z_]+$/);
      for (const text of [meaning, remedy]) assert.match(text, /^[A-Z].*\.$/s, code);
    }
  });
});
