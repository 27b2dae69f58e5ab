/** The builder's web server: what runs, and logs as builds write them. */
import assert from 'node:assert/strict';
import { readdir, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildLogsSchema, buildsSchema, uploadsSchema } from '../../../schemas/builder-status.ts';
import { MOST_READERS } from '../../../builder/web/log-stream.ts';
import { BuilderSite, type RunningBuilder } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';

describe("the builder's web server", () => {
  let site: BuilderSite;
  let base: string;
  const readers: HttpReader[] = [];
  beforeEach(async () => {
    site = await BuilderSite.open();
  });
  afterEach(async () => {
    for (const one of readers.splice(0)) one.leave();
    await site.close();
  });

  async function start(): Promise<RunningBuilder> {
    const running = await site.start('one', { webPort: 0 });
    base = `http://127.0.0.1:${running.webPort}`;
    return running;
  }

  async function open(path: string, options = {}): Promise<HttpReader> {
    const reader = await HttpReader.open(base + path, options);
    readers.push(reader);
    return reader;
  }

  const statusOf = async (path: string): Promise<number> => (await fetch(base + path)).status;
  const json = async (path: string): Promise<unknown> => (await fetch(base + path)).json();
  const buildOf = (state: string): string => {
    const found = site.builds().find((one) => one.state === state);
    assert.ok(found, `no build is ${state}`);
    return found.id;
  };
  const logPath = (build: string): string => join(site.folder, 'logs', `debian-${build}.log`);

  /** A build that says what the test says. */
  async function startBuild() {
    const openWords = await site.dictate();
    await start();
    const words = await openWords();
    return { words, build: buildOf('building') };
  }

  it('tells what is being built, and at what it is', async () => {
    const { words, build } = await startBuild();
    await words.write('Copying hooks /e/vm/install.d/50-boot\n');
    await words.write('dib-run-parts Running /tmp/in_target.d/install.d/50-boot\n');
    await eventually(async () => {
      const { builder, builds } = buildsSchema.parse(await json('/builds'));
      const [found] = builds;
      assert.ok(found);
      const { since, log_bytes, ...one } = found;
      assert.deepEqual([builder, builds.length], ['one.example', 1]);
      assert.deepEqual(one, {
        ...{ image: 'debian', build, formats: ['qcow2'] },
        step: { element: 'vm', phase: 'install.d', script: '50-boot' },
      });
      assert.ok(Math.abs(since - Date.now() / 1000) < 60 && log_bytes > 50);
    });
    await words.close();
    await eventually(async () => {
      assert.deepEqual(buildsSchema.parse(await json('/builds')).builds, []);
    });
  });

  it('shows lines before the build ends, to each who follows, and ends with the build', async () => {
    const { words, build } = await startBuild();
    const followers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        open(`/build-log/debian${n % 2 ? `/${build}` : ''}?follow=1`),
      ),
    );
    await words.write('first\r\n');
    for (const one of followers) await one.untilText('builds debian for nothing\nfirst\r\n');
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]);
    await words.write(bytes);
    assert.ok(followers.every((one) => one.end === undefined));
    await words.close();
    for (const one of followers) {
      await one.untilEnd();
      assert.equal(one.end, 'whole');
      assert.ok(one.bytes.includes(bytes));
      assert.ok(one.text.endsWith('Exit code: 0\n'));
      assert.equal(one.headers['x-nodepool-build'], build);
    }
    assert.equal(followers[0]?.text, followers[1]?.text);
  });

  it('gives whole logs and parts of them', async () => {
    await start();
    await eventually(() => buildOf('ready'));
    const build = buildOf('ready');
    const text = 'builds debian for nothing\nExit code: 0\n';
    for (const [query, expected] of [
      ['', text],
      ['?offset=7', text.slice(7)],
      ['?offset=0&follow=1', text],
      ['?tail=1', 'Exit code: 0\n'],
      ['?tail=0', ''],
      [`?offset=${Number.MAX_SAFE_INTEGER}`, ''],
      [`?offset=${Number.MAX_SAFE_INTEGER}&follow=1`, ''],
    ] as const) {
      const response = await fetch(`${base}/build-log/debian/${build}${query}`);
      assert.equal(await response.text(), expected, query);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    }
    assert.equal(await statusOf(`/build-log/debian/${build}?offset=-1`), 400);
    const { logs } = buildLogsSchema.parse(await json('/build-logs/debian'));
    assert.deepEqual(
      logs.map((one) => [one.build, one.bytes]),
      [[build, text.length]],
    );
    assert.deepEqual(buildLogsSchema.parse(await json('/build-logs/other')).logs, []);
  });

  it('gives nothing but logs of builds', async () => {
    await start();
    await eventually(() => buildOf('ready'));
    const build = buildOf('ready');
    const linked = 'f'.repeat(32);
    await symlink('/etc/passwd', logPath(linked));
    await writeFile(join(site.folder, 'logs', 'secret.log'), 'secret');
    await writeFile(join(site.folder, `x-${build}.log`), 'secret');
    for (const path of [
      '/build-log',
      '/build-log/other',
      `/build-log/other/${build}`,
      `/build-log/debian/${'0'.repeat(32)}`,
      `/build-log/debian/${linked}`,
      '/build-log/debian/..',
      '/build-log/secret',
      `/build-log/..%2Fx/${build}`,
      `/build-log/../x/${build}`,
      `/build-log/%2e%2e%2f%2e%2e%2fetc%2fpasswd`,
      `/build-log/debian/..%2F..%2Fetc%2Fpasswd`,
      `/build-log/debian/${build}%00`,
      `/build-log/debian%00/${build}`,
      `/build-log/${'x'.repeat(240)}/${build}`,
      '/build-logs/..%2F',
    ]) {
      const response = await fetch(base + path);
      const text = await response.text();
      assert.ok(!text.includes('secret') && !text.includes('root:'), path);
      if (!path.startsWith('/build-logs')) assert.equal(response.status, 404, path);
    }
    const raw = await fetch(`${base}/build-log/debian/${build}`, { method: 'POST' });
    assert.equal(raw.status, 404);
  });

  it('lets a reader that is slow hold up nobody: no build, no other reader', async () => {
    const { words, build } = await startBuild();
    const slow = await open(`/build-log/debian/${build}?follow=1`, { isIdle: true });
    const fast = await open(`/build-log/debian/${build}?follow=1`);
    // More than all buffers on the way hold.
    const line = `${'x'.repeat(1023)}\n`;
    for (let mib = 0; mib < 32; mib++) await words.write(line.repeat(1024));
    await words.close();
    await eventually(() => buildOf('ready'));
    await fast.untilEnd();
    assert.ok(fast.bytes.length > 32 * 1024 ** 2);
    assert.equal(slow.end, undefined);
    slow.resume();
    await slow.untilEnd();
    assert.ok(slow.bytes.equals(fast.bytes));
  });

  it('holds nothing for readers that have gone, and has room for so many at once', async () => {
    const { words, build } = await startBuild();
    const path = `/build-log/debian/${build}?follow=1`;
    const all = await Promise.all(Array.from({ length: MOST_READERS }, () => open(path)));
    await words.write('here\n');
    for (const one of all) await one.untilText('here');
    const refused = await fetch(base + path);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
    assert.equal(await statusOf('/live'), 200, 'others are answered');
    for (const one of all) one.leave();
    await eventually(async () => {
      assert.equal(await statusOf(`/build-log/debian/${build}`), 200);
    });
    const held = await openFiles(logPath(build));
    assert.ok(held <= 1, `${held} files are open`);
    await words.close();
  });

  it('ends where the log is deleted meanwhile', async () => {
    const { words, build } = await startBuild();
    const reader = await open(`/build-log/debian/${build}?follow=1`);
    await words.write('last\n');
    await reader.untilText('last\n');
    await unlink(logPath(build));
    await reader.untilEnd();
    assert.equal(reader.end, 'whole');
    await words.close();
  });

  it('ends for those who follow when the builder stops', async () => {
    const openWords = await site.dictate();
    const builder = await start();
    const words = await openWords();
    const reader = await open('/build-log/debian?follow=1');
    await words.write('so far\n');
    await reader.untilText('so far\n');
    await builder.stop();
    await reader.untilEnd();
    await words.close();
    assert.equal(reader.end, 'whole');
  });

  it('tells how far uploads are', async () => {
    site.cloud.cloud.arm({ call: 'PUT images/*/file', mode: 'hang' });
    await start();
    await eventually(async () => {
      const { builder, uploads } = uploadsSchema.parse(await json('/uploads'));
      const [found] = uploads;
      assert.ok(found);
      const { provider, seconds, ...one } = found;
      assert.deepEqual([builder, uploads.length], ['one.example', 1]);
      const other = provider === 'first' ? 'second' : 'first';
      assert.equal(site.uploads(other)[0]?.state, 'ready', 'the other has ended');
      const size = 'data of debian as qcow2\n'.length;
      assert.deepEqual(one, {
        ...{ image: 'debian', build: buildOf('ready'), upload: '0000000001' },
        ...{ sent_bytes: size, total_bytes: size, percent: 100 },
        ...{ bytes_per_second: one.bytes_per_second, seconds_left: one.seconds_left },
      });
      assert.ok(seconds >= 0);
    });
  });

  it('is ready when what there is has been read and earlier builds have ended', async () => {
    const openWords = await site.dictate();
    const builder = await start();
    await eventually(async () => {
      assert.equal(await statusOf('/ready'), 200);
    });
    const words = await openWords();
    await builder.builder.stop();
    assert.deepEqual([await statusOf('/ready'), await statusOf('/live')], [503, 200]);
    await words.close();
  });
});

/** How often this process has the file open. */
async function openFiles(path: string): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((one) => one === path).length;
}
