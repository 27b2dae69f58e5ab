import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from './run-in-process.ts';

describe('nodepool image-build', () => {
  let folder: string;
  let config: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-cli-'));
    config = join(folder, 'nodepool.yaml');
    await writeFile(
      config,
      'diskimages: [{name: trixie, parent: base}, {name: noble, pause: true}, {name: base, abstract: true}]\n',
    );
  });
  after(() => rm(folder, { recursive: true }));

  for (const command of ['image-build', 'dib-image-build']) {
    it(`refuses an image that is not there, and says which are (${command})`, async () => {
      assert.deepEqual(await run('-c', config, command, 'trixi'), {
        code: 1,
        out: '',
        err:
          'nodepool: Trying to build a non disk-image-builder image: trixi\n' +
          `diskimages of ${config} has noble, trixie`,
      });
    });

    it(`refuses an abstract image (${command})`, async () => {
      const { code, err } = await run('-c', config, command, 'base');
      assert.equal(code, 1);
      assert.match(err, /non disk-image-builder image: base\n/);
    });

    it(`refuses an image that the configuration pauses (${command})`, async () => {
      assert.deepEqual(await run('-c', config, command, 'noble'), {
        code: 1,
        out: '',
        err:
          'nodepool: Skipping build request for image noble; paused\n' +
          `to build it, take away its pause under diskimages of ${config}`,
      });
    });
  }
});
