import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { commands } from '../../../../shared/cli/commands.ts';
import { wantedOf } from '../../../../shared/cli/completion/wanted.ts';
import { run } from '../run-in-process.ts';

const values = (...words: string[]): string[] =>
  wantedOf(words, commands)
    .candidates.map(({ value }) => value)
    .filter((value) => value.startsWith(words.at(-1) ?? ''));
const kinds = (...words: string[]): readonly string[] => wantedOf(words, commands).kinds;

describe('wantedOf', () => {
  it('has the commands, also after options', () => {
    assert.deepEqual(values('req'), ['request-list']);
    assert.deepEqual(values('--debug', '-c', 'file', 'req'), ['request-list']);
    assert.ok(values('').length >= commands.length);
  });

  it('has the options of the command, and those of all', () => {
    assert.deepEqual(values('list', '--de'), ['--detail', '--debug']);
    assert.deepEqual(values('--de'), ['--debug']);
    assert.ok(values('dib-image-log', '-').includes('-f'));
  });

  it('knows the values of an option, joined to it or not', () => {
    assert.deepEqual(values('list', '--color', 'a'), ['always', 'auto']);
    assert.deepEqual(wantedOf(['list', '--color=a'], commands).typed, 'a');
    assert.deepEqual(kinds('image-delete', '--provider', ''), ['provider']);
    assert.deepEqual(kinds('image-delete', '--provider=c'), ['provider']);
    assert.deepEqual(kinds('-c', ''), ['file']);
    assert.deepEqual(kinds('list', '-s', ''), ['file']);
  });

  it('knows what an argument is', () => {
    assert.deepEqual(kinds('image-build', ''), ['image']);
    assert.deepEqual(kinds('explain', '--json', ''), ['request']);
    assert.deepEqual(kinds('hold', ''), ['node']);
    assert.deepEqual(kinds('dib-image-delete', ''), ['build']);
    assert.deepEqual(kinds('export-image-data', ''), ['file']);
    assert.deepEqual(kinds('info', '--watch', ''), ['provider']);
    assert.deepEqual(values('completion', ''), ['bash', 'zsh', 'fish']);
  });

  it('has nothing where nothing more may follow', () => {
    assert.deepEqual(wantedOf(['image-build', 'one', ''], commands).kinds, []);
    assert.deepEqual(values('image-build', 'one', ''), []);
    assert.deepEqual(values('nonsense', ''), []);
    assert.deepEqual(values('list', '--nonsense='), []);
  });

  it('has a kind for every argument of every command', () => {
    for (const { name, positional } of commands.filter((one) => one.positional !== undefined)) {
      const { candidates, kinds: known } = wantedOf([name, ''], commands);
      assert.ok(candidates.length + known.length > 0, `${name} ${positional ?? ''}`);
    }
  });
});

describe('nodepool completion --complete', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-completion-'));
    path = join(folder, 'nodepool.yaml');
    // Without ZooKeeper: what cannot be had is left out.
    const config = {
      labels: [{ name: 'small' }],
      diskimages: [
        { name: 'debian', elements: ['vm'] },
        { name: 'fedora', elements: ['vm'] },
      ],
      providers: [
        { name: 'cloud-one', driver: 'test', pools: [] },
        { name: 'other', driver: 'test', pools: [] },
      ],
    };
    await writeFile(path, JSON.stringify(config));
  });
  after(() => rm(folder, { recursive: true }));

  const complete = async (shell: string, ...words: string[]): Promise<string[]> => {
    const { code, out, err } = await run('completion', shell, '--complete', '--', ...words);
    assert.deepEqual([code, err], [0, '']);
    return out === '' ? [] : out.split('\n');
  };

  it('has values of the configuration that the line names', async () => {
    assert.deepEqual(await complete('bash', '-c', path, 'image-build', ''), ['debian', 'fedora']);
    assert.deepEqual(await complete('bash', '-c', path, 'info', 'cl'), ['cloud-one']);
  });

  it('completes what is joined by =, which bash takes apart', async () => {
    const line = ['-c', path, 'image-delete'];
    assert.deepEqual(await complete('bash', ...line, '--provider', '=', 'cl'), ['cloud-one']);
    assert.deepEqual(await complete('bash', ...line, '--provider', '='), ['cloud-one', 'other']);
    assert.deepEqual(await complete('zsh', ...line, '--provider=cl'), ['--provider=cloud-one']);
  });

  it('says what candidates are to shells that show it', async () => {
    assert.deepEqual(await complete('bash', 'request'), ['request-list']);
    assert.deepEqual(await complete('fish', 'request'), [
      'request-list\tlist the current node requests',
    ]);
  });

  it('leaves names of files to the shell', async () => {
    assert.deepEqual(await complete('zsh', '-c', path.slice(0, -3)), [':files']);
  });

  it('says nothing where there is no configuration', async () => {
    assert.deepEqual(await complete('bash', '-c', join(folder, 'none'), 'info', ''), []);
  });
});
