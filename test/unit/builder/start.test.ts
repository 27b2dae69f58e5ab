import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBuilder, type BuilderEnd } from '../../../builder/start.ts';

describe('the start of the builder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-builder-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  function start(...args: string[]): Promise<BuilderEnd> {
    return startBuilder({ args, home: '/root', cwd: folder, version: '1.2.3', environment: {} });
  }

  it('says that it is not built, where it would start', async () => {
    await writeFile(join(folder, 'nodepool.yaml'), 'zookeeper-servers: [{host: 127.0.0.1}]\n');
    const end = await start('-c', 'nodepool.yaml');
    assert.equal(end.code, 69);
    assert.match(end.text, /not built yet/);
  });

  it('refuses a configuration with an error, and names its place', async () => {
    await writeFile(join(folder, 'nodepool.yaml'), 'labels: [{min-ready: 1}]\n');
    const end = await start('-c', 'nodepool.yaml');
    assert.equal(end.code, 1);
    assert.match(end.text, /nodepool\.yaml:1:\d+/);
  });

  it('refuses an error in the secure file', async () => {
    await writeFile(join(folder, 'nodepool.yaml'), 'labels: []\n');
    await writeFile(join(folder, 'secure.yaml'), 'zookeeper-servers: [\n');
    const end = await start('-c', 'nodepool.yaml', '-s', 'secure.yaml');
    assert.equal(end.code, 1);
    assert.match(end.text, /secure\.yaml/);
  });

  it('refuses a file that does not exist', async () => {
    const end = await start('-c', 'nothing.yaml');
    assert.equal(end.code, 1);
    assert.match(end.text, /nothing\.yaml.*does not exist/s);
  });

  it('tells its version, and refuses arguments that it does not know', async () => {
    assert.deepEqual(await start('--version'), { code: 0, text: 'Nodepool version: 1.2.3' });
    assert.equal((await start('--nonsense')).code, 2);
  });
});
