import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from './run-in-process.ts';

describe('nodepool', () => {
  it('shows its help and fails without a command', async () => {
    const { code, out, err } = await run();
    assert.equal(code, 1);
    assert.match(out, /request-list +list the current node requests/);
    assert.equal(err, '');
  });

  it('shows its version', async () => {
    assert.deepEqual(await run('--version'), { code: 0, out: 'Nodepool version: 1.2.3', err: '' });
  });

  it('shows the help of a command', async () => {
    const { code, out } = await run('list', '--help');
    assert.equal(code, 0);
    assert.match(out, /--detail +Output detailed node info/);
  });

  for (const args of [
    ['nonsense'],
    ['--nonsense'],
    ['list', 'more'],
    ['-c'],
    ['list', '--lines'],
    ['explain'],
    ['image-build'],
    ['dib-image-build', 'image', 'more'],
    ['image-pause'],
    ['dib-image-delete'],
    ['image-list', 'more'],
    ['image-delete', '--provider', 'p', '--image', 'i', '--build-id', 'b'],
    ['explain', '100-0000000000', 'more'],
    ['explain', '100-0000000000', '--url', 'launcher.example.org'],
  ])
    it(`refuses ${args.join(' ')} with code 2`, async () => {
      const { code, out, err } = await run(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, /^nodepool: error: /);
    });

  it('prints the JSON Schema', async () => {
    const { code, out } = await run('config-schema');
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { title: string }).title, 'nodepool.yaml');
  });
});

describe('nodepool with a configuration', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-cli-'));
    await writeFile(join(folder, 'good.yaml'), 'labels: [{name: a}]\n');
    await writeFile(join(folder, 'doubled.yaml'), 'labels: [{name: a}]\nlabels: [{name: b}]\n');
    await writeFile(join(folder, 'strict.yaml'), 'labels: [{name: a, min_ready: 1}]\n');
    await writeFile(join(folder, 'bad.yaml'), 'labels: [{name: a, min-ready: x}]\n');
    await writeFile(
      join(folder, 'unbuilt.yaml'),
      'labels: [{name: a}]\nproviders:\n- {name: one, driver: test, pools: [{name: m, labels: [a]}]}\n',
    );
    await writeFile(join(folder, 'secure.yaml'), 'zookeeper-servers: [{}]\n');
  });
  after(() => rm(folder, { recursive: true }));

  const file = (name: string) => join(folder, `${name}.yaml`);
  const validate = (name: string, ...rest: string[]) =>
    run('-c', file(name), ...rest, 'config-validate');

  it('validates it with code 0', async () => {
    assert.deepEqual(await validate('good'), { code: 0, out: `${file('good')}: valid`, err: '' });
  });

  it('takes warnings for valid', async () => {
    const { code, out } = await validate('doubled');
    assert.equal(code, 0);
    assert.match(
      out,
      /doubled\.yaml:2:1: labels: stands twice: .* \(warning\)\n.*: valid: 1 warning$/,
    );
  });

  it('warns of a driver that cannot run yet', async () => {
    const { code, out } = await validate('unbuilt');
    assert.equal(code, 0);
    assert.match(out, /unbuilt\.yaml:3:23: providers\[0\]\.driver: driver test is not built yet: /);
  });

  it('takes what only the original’s validator refuses for invalid', async () => {
    const { code, out } = await validate('strict');
    assert.equal(code, 1);
    assert.match(out, /strict\.yaml:1:20: labels\[0\]\.min_ready: .* did you mean min-ready\?/);
  });

  it('takes errors for invalid', async () => {
    const { code, out } = await validate('bad');
    assert.equal(code, 1);
    assert.equal(
      out,
      `${file('bad')}:1:31: labels[0].min-ready: must be a whole number; found text "x"\n${file('bad')}: not valid: 1 error`,
    );
  });

  it('validates the secure file with it', async () => {
    const { code, out } = await validate('good', '-s', file('secure'));
    assert.equal(code, 1);
    assert.match(out, /secure\.yaml:1:21: zookeeper-servers\[0\]\.host: is missing/);
  });

  it('says that a file does not exist', async () => {
    const { code, out } = await validate('none');
    assert.equal(code, 1);
    assert.equal(out.split('\n')[0], `${file('none')}: cannot be read: it does not exist`);
  });

  it('fails with a line and no stack trace where it cannot go on', async () => {
    const { code, out, err } = await run('-c', file('good'), 'list');
    assert.deepEqual([code, out], [1, '']);
    assert.equal(err, `${file('good')}: zookeeper-servers is missing`);
  });

  it('shows the stack trace with --debug', async () => {
    const { err } = await run('-c', file('good'), '--debug', 'list');
    assert.match(err, /\n {4}at /);
  });

  it('takes global options after the command, too', async () => {
    assert.equal((await run('config-validate', '-c', file('good'))).code, 0);
  });
});
