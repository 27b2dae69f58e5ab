import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { run } from '../../../fixtures/processes/run.ts';

const MODULE = new URL('../../../shared/base/early-signals.ts', import.meta.url).href;
const MAIN = new URL('../../../launcher/main.ts', import.meta.url);

describe('a daemon that is starting', () => {
  for (const signal of ['SIGHUP', 'SIGUSR2'])
    it(`lives through ${signal}`, async () => {
      const program = `
        await import(${JSON.stringify(MODULE)});
        process.kill(process.pid, ${JSON.stringify(signal)});
        setImmediate(() => console.log('alive'));
      `;
      const args = ['--import=tsx', '--input-type=module', '--eval', program];
      assert.match(await run(process.execPath, args), /alive/);
    });

  it('listens to its signals before it loads anything large', async () => {
    const text = await readFile(MAIN, 'utf8');
    const imports = [...text.matchAll(/^import .*'(.*)';$/gm)].map(([, name]) => name);
    assert.equal(imports[0], '../shared/base/early-signals.ts');
  });
});
