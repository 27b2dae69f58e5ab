import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AdminToken } from '../../../../shared/web/admin/token.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';

const TOKEN = 'a-token-of-32-characters-or-more';

describe('the admin token', () => {
  let folder: string;
  let path: string;
  let lines: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'token-'));
    path = join(folder, 'token');
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function put(text: string, mode = 0o600): Promise<void> {
    await writeFile(path, text);
    await chmod(path, mode);
  }

  function make(options: { file?: string | undefined; fromEnvironment?: string } = {}): AdminToken {
    return new AdminToken({
      file: () => ('file' in options ? options.file : path),
      fromEnvironment: options.fromEnvironment,
      log: collectingLogger(lines),
    });
  }

  it('is that of the file, as it is when somebody asks', async () => {
    const token = make();
    await put(`  ${TOKEN}\n`);
    assert.equal(token.isConfigured, false);
    await token.refresh();
    assert.equal(token.isConfigured, true);
    assert.equal(token.matches(TOKEN), true);
    for (const wrong of ['', `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase()])
      assert.equal(token.matches(wrong), false, wrong);
    await put('another-token-of-some-length');
    await token.refresh();
    assert.deepEqual(
      [token.matches(TOKEN), token.matches('another-token-of-some-length')],
      [false, true],
    );
    await rm(path);
    await token.refresh();
    assert.equal(token.isConfigured, false);
    assert.equal(token.matches(''), false);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^ERROR the admin token cannot be read/);
  });

  it('is that of the environment where there is one', async () => {
    await put('another-token-of-some-length');
    const token = make({ fromEnvironment: TOKEN });
    await token.refresh();
    assert.deepEqual(
      [token.matches(TOKEN), token.matches('another-token-of-some-length')],
      [true, false],
    );
  });

  it('is none where none is configured', async () => {
    const token = make({ file: undefined, fromEnvironment: '' });
    await token.refresh();
    assert.deepEqual([token.isConfigured, token.matches('')], [false, false]);
  });

  it('is warned of, once each, where it is easily had, and never said', async () => {
    const token = make();
    const cases: [string, number, RegExp][] = [
      [TOKEN, 0o644, /all users of this machine may read it/],
      ['short', 0o600, /fewer than 16 characters/],
      [' \n', 0o600, /empty; nobody may act/],
      ['x'.repeat(5000), 0o600, /longer than 4096 bytes/],
    ];
    for (const [text, mode, expected] of cases) {
      await put(text, mode);
      lines.length = 0;
      await token.refresh();
      await token.refresh();
      assert.equal(lines.length, 1, String(expected));
      assert.match(lines[0] ?? '', expected);
      assert.doesNotMatch(lines[0] ?? '', /a-token|short"|xxx/);
    }
    assert.equal(token.isConfigured, false);
    await rm(path);
    await mkdir(path);
    await token.refresh();
    assert.match(lines.at(-1) ?? '', /it is no file/);
    await rm(path, { recursive: true });
  });

  it('may be read by a group', async () => {
    await put(TOKEN, 0o640);
    await make().refresh();
    assert.deepEqual(lines, []);
  });
});
