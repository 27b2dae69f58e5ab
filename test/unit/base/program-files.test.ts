import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { isBuilt, packageFolder, programFile } from '../../../shared/base/program-files.ts';
import { projectRoot } from '../../support/peers.ts';

describe('files of the program', () => {
  it('lie in the package where the sources run', () => {
    assert.equal(isBuilt, false);
    assert.equal(packageFolder, projectRoot.replace(/\/$/, ''));
    assert.ok(existsSync(programFile('shared/web/dashboard/index.html')));
    assert.equal(fileURLToPath(programFile('')).replace(/\/$/, ''), packageFolder);
  });
});
