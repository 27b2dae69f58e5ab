/** `nodepool image-build --wait`: from the request to the end of the build that was made for it. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildPath, imageBuildLockPath } from '../../../shared/store/paths.ts';
import { BuilderCommands, type RunningCommand } from '../../support/builder-commands.ts';
import { BuilderSite, type RunningBuilder } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

const PYTHONS = 'f'.repeat(32);

describe('nodepool image-build --wait', () => {
  let site: BuilderSite;
  let cli: BuilderCommands;
  let builder: RunningBuilder | undefined;
  beforeEach(async () => {
    site = await BuilderSite.open();
    site.configure({ providers: [], diskimages: [{ name: 'debian', formats: ['qcow2'] }] });
    builder = undefined;
  });
  afterEach(() => site.close());

  async function startBuilder(): Promise<RunningBuilder> {
    builder = await site.start('one', { host: '127.0.0.2', webPort: 0 });
    return builder;
  }

  async function wait(...args: string[]): Promise<RunningCommand> {
    cli = await BuilderCommands.make(site, {
      sections: {
        'build-log-dir': join(site.folder, 'cli-logs'),
        diskimages: [{ name: 'debian', elements: ['vm'] }],
        extensions: { builder: { web: { port: builder?.webPort ?? 9 } } },
      },
    });
    return cli.start('image-build', 'debian', '--wait', ...args);
  }
  const ready = (): string[] =>
    site.builds().flatMap(({ id, state }) => (state === 'ready' ? [id] : []));
  const untilTold = (command: RunningCommand, part: RegExp): Promise<void> =>
    eventually(() => {
      assert.match(command.err, part);
    });

  it('shows the build live, and ends well when it is ready', async () => {
    await startBuilder();
    await eventually(() => ready().length === 1);
    const [first = ''] = ready();
    const openWords = await site.dictate();
    const waiting = await wait();
    const words = await openWords();
    await words.write('it begins\n');
    await eventually(() => waiting.out.endsWith('it begins\n'));
    await words.close();
    assert.equal(await waiting.done, 0);
    const second = ready().find((id) => id !== first) ?? '';
    assert.equal(waiting.out, 'builds debian for nothing\nit begins\nExit code: 0\n');
    const lines = waiting.err.split('\n').filter((line) => !line.includes('waits'));
    assert.deepEqual(lines, [
      `nodepool: build debian-${second} begins on 127.0.0.2`,
      `nodepool: build debian-${second} is ready`,
      '',
    ]);
    assert.ok(!site.store.isRequested('debian'));
  });

  it('does not take a build that runs already for the one asked for', async () => {
    const openWords = await site.dictate();
    await startBuilder();
    const words = await openWords();
    const [first] = site.builds();
    const waiting = await wait();
    await untilTold(waiting, /127.0.0.2 builds it now \([0-9a-f]{32}\); the build asked for comes/);
    await site.behave('echo the second');
    await words.close();
    assert.equal(await waiting.done, 0);
    assert.ok(waiting.out.includes('the second'), waiting.out);
    assert.equal(ready().length, 2);
    assert.ok(!waiting.err.includes(`build debian-${first?.id ?? ''} begins`));
  });

  it('asks again where the build that ran was asked for, too, and took the request away', async () => {
    await startBuilder();
    await eventually(() => ready().length === 1);
    const openWords = await site.dictate();
    await site.touch('debian/request-build');
    const words = await openWords();
    const waiting = await wait();
    await untilTold(waiting, /builds it now/);
    await site.behave('echo the third');
    await words.close();
    assert.equal(await waiting.done, 0);
    assert.ok(waiting.out.includes('the third'), waiting.out);
  });

  it('fails with the element and phase at which the build failed', async () => {
    await startBuilder();
    await eventually(() => ready().length === 1);
    await site.behave(`echo 'Copying hooks /e/broken/install.d/50-x'
echo 'dib-run-parts Running /tmp/in_target.d/install.d/50-x'
echo 'no such package'; exit 3`);
    const waiting = await wait();
    assert.equal(await waiting.done, 1);
    assert.match(
      waiting.err,
      /^nodepool: build debian-[0-9a-f]{32} failed: element broken, install.d, 50-x: no such package$/m,
    );
    assert.ok(waiting.out.endsWith('Exit code: 3\n'));
  });

  it('says that the image is paused and goes on when it is not any more', async () => {
    await site.touch('debian/pause');
    await startBuilder();
    const waiting = await wait();
    await untilTold(waiting, /it is paused: nothing is built before nodepool image-unpause/);
    await site.client.delete('/nodepool/images/debian/pause');
    assert.equal(await waiting.done, 0);
  });

  it('says that there is no builder, and gives up in time', async () => {
    const waiting = await wait('--timeout', '0.5');
    assert.equal(await waiting.done, 1);
    assert.match(waiting.err, /no builder is registered/);
    assert.match(waiting.err, /image debian was not built within 0.5 s; its builders go on/);
    assert.equal(waiting.out, '');
  });

  it('ends when the builder is gone in the middle', async () => {
    await startBuilder();
    await eventually(() => ready().length === 1);
    const openWords = await site.dictate();
    const waiting = await wait();
    const words = await openWords();
    await words.write('it begins\n');
    await eventually(() => waiting.out.endsWith('it begins\n'));
    await builder?.lose();
    assert.equal(await waiting.done, 1);
    assert.match(waiting.err, /was given up: its builder is gone/);
    await words.close();
  });

  it("shows a Python builder's log where it is in this machine's folder", async () => {
    const waiting = await wait();
    await untilTold(waiting, /no builder is registered/);
    const logs = join(site.folder, 'cli-logs');
    await mkdir(logs);
    const path = join(logs, `debian-${PYTHONS}.log`);
    await writeFile(path, 'one\n');
    const lock = `${imageBuildLockPath('debian')}/0000000000`;
    await site.client.ensurePath(lock);
    const record = { builder: 'elsewhere.example', state_time: 1 };
    const write = async (state: string): Promise<void> => {
      const place = buildPath({ image: 'debian', build: PYTHONS });
      await site.client.ensurePath(place);
      await site.client.set(place, Buffer.from(JSON.stringify({ ...record, state })));
    };
    await write('building');
    await eventually(() => waiting.out === 'one\n');
    await appendFile(path, 'two\n');
    await eventually(() => waiting.out === 'one\ntwo\n');
    await write('ready');
    assert.equal(await waiting.done, 0);
  });

  it('refuses what is no time, and a time without waiting', async () => {
    for (const args of [
      ['--timeout', 'soon'],
      ['--timeout', '0'],
    ])
      assert.equal(await (await wait(...args)).done, 2);
    assert.equal((await cli.run('image-build', 'debian', '--timeout', '3')).code, 2);
    assert.ok(!site.store.isRequested('debian'));
  });
});
