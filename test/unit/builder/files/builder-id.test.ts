import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { builderIdIn, fullHostname } from '../../../../builder/files/builder-id.ts';

describe('who a builder is', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'builder-id-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const nameOf = (...names: readonly string[]): Promise<string> => {
    const answers = new Map([
      [hostname(), ['10.0.0.1', 'STREAM', 'any']],
      ['10.0.0.1', ['10.0.0.1', ...names]],
    ]);
    return fullHostname((_, key) => Promise.resolve(answers.get(key) ?? []));
  };

  it('stays the same over restarts, also over one of Python’s', async () => {
    const id = await builderIdIn(folder);
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(await readFile(join(folder, 'builder_id.txt'), 'utf8'), id);
    await writeFile(join(folder, 'builder_id.txt'), 'other');
    assert.equal(await builderIdIn(folder), 'other');
  });

  it('has the name with a dot, or the first that its address has, or its short one', async () => {
    assert.equal(await nameOf('host', 'host.example.com'), 'host.example.com');
    assert.equal(await nameOf('localhost', 'host'), 'localhost');
    assert.equal(await nameOf(), hostname());
    assert.equal(await fullHostname(() => Promise.reject(new Error('no getent'))), hostname());
  });
});
