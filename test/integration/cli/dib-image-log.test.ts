/** `nodepool dib-image-log`: logs of builders here and elsewhere, of ours and of Python's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildPath } from '../../../shared/store/paths.ts';
import { BuilderCommands } from '../../support/builder-commands.ts';
import { BuilderSite, imageProvider, type RunningBuilder } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

const LOG = 'builds debian for nothing\nExit code: 0\n';
const PYTHONS = 'f'.repeat(32);

describe('nodepool dib-image-log', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
    site.configure({ providers: [imageProvider('first')] });
  });
  afterEach(() => site.close());

  /** A builder whose address is its name; all use the port of the first. */
  let port = 0;
  async function startAt(host: string): Promise<RunningBuilder> {
    const place = { host, webPort: port, logs: `logs-${host}` };
    const running = await site.start(host, place);
    port = running.webPort ?? 0;
    return running;
  }
  beforeEach(() => {
    port = 0;
  });

  const sections = () => ({
    'build-log-dir': join(site.folder, 'cli-logs'),
    extensions: { builder: { web: { port } } },
  });
  const commands = (): Promise<BuilderCommands> =>
    BuilderCommands.make(site, { sections: sections() });
  const buildOf = (state: string): string => {
    const found = site.builds().find((one) => one.state === state);
    assert.ok(found, `no build is ${state}`);
    return found.id;
  };

  /** A record as a builder on that host writes it. */
  async function putBuild(build: string, fields: object): Promise<void> {
    const path = buildPath({ image: 'debian', build });
    await site.client.ensurePath(path);
    const record = { builder: 'elsewhere.example', state_time: 1, formats: 'raw', ...fields };
    await site.client.set(path, Buffer.from(JSON.stringify(record)));
  }

  it('shows the newest log of whichever builder has it, or that of a certain build', async () => {
    const one = await startAt('127.0.0.2');
    await eventually(() => buildOf('ready'));
    const first = buildOf('ready');
    await one.stop();
    await site.touch('debian/request-build');
    await startAt('127.0.0.3');
    await eventually(() => {
      assert.deepEqual(
        site.builds().map(({ state }) => state),
        ['ready', 'ready'],
      );
    });
    const second = site.builds().find((build) => build.id !== first)?.id ?? '';
    await appendFile(join(site.folder, 'logs-127.0.0.3', `debian-${second}.log`), 'the second\n');
    await startAt('127.0.0.2');
    const cli = await commands();
    assert.deepEqual(await cli.run('dib-image-log', 'debian'), {
      ...{ code: 0, err: '', out: `${LOG}the second\n` },
    });
    for (const args of [
      ['debian', '--build-id', first],
      [`debian-${first}`],
      ['debian', '--build-id', `debian-${first}`],
      ['debian', '--url', `http://127.0.0.2:${port}`],
    ])
      assert.equal((await cli.run('dib-image-log', ...args)).out, LOG, args.join(' '));
    assert.equal((await cli.run('dib-image-log', 'debian', '--tail', '1')).out, 'the second\n');
  });

  it('shows a failed build whose record has gone', async () => {
    await site.behave('echo "no such package"; exit 3');
    await startAt('127.0.0.2');
    const cli = await commands();
    await eventually(async () => {
      assert.deepEqual(site.builds(), []);
      const { out } = await cli.run('dib-image-log', 'debian');
      assert.ok(out.includes('no such package') && out.endsWith('Exit code: 3\n'), out);
    });
  });

  it('follows the build that runs, to its end', async () => {
    const openWords = await site.dictate();
    await startAt('127.0.0.2');
    const words = await openWords();
    const following = (await commands()).start('dib-image-log', 'debian', '-f');
    await words.write('it begins\n');
    await eventually(() => following.out.endsWith('it begins\n'));
    await words.write('goes on\n');
    await eventually(() => following.out.endsWith('goes on\n'));
    await words.close();
    assert.deepEqual([await following.done, following.err], [0, '']);
    assert.ok(following.out.endsWith('goes on\nExit code: 0\n'));
  });

  it('says where a builder that is followed is gone in the middle', async () => {
    const openWords = await site.dictate();
    const builder = await startAt('127.0.0.2');
    const words = await openWords();
    await words.write('it begins\n');
    const following = (await commands()).start('dib-image-log', 'debian', '-f');
    await eventually(() => following.out.endsWith('it begins\n'));
    await builder.closeWeb();
    assert.equal(await following.done, 1);
    assert.match(following.err, /^nodepool: log of debian-[0-9a-f]{32}: builder at http:\/\/127/);
    await words.close();
  });

  it('reads logs of builders without web server in the folder of this machine, and follows them', async () => {
    port = 9;
    const path = join(site.folder, 'cli-logs', `debian-${PYTHONS}.log`);
    await mkdir(join(site.folder, 'cli-logs'));
    await writeFile(path, 'one\ntwo\n');
    await putBuild(PYTHONS, { state: 'building', builder: '127.0.0.2' });
    const cli = await commands();
    const { code, out } = await cli.run('dib-image-log', 'debian', '--tail', '1');
    assert.deepEqual([code, out], [0, 'two\n']);
    const following = cli.start('dib-image-log', 'debian', '--follow');
    await eventually(() => {
      assert.equal(following.out, 'one\ntwo\n');
    });
    await appendFile(path, 'three\n');
    await eventually(() => {
      assert.equal(following.out, 'one\ntwo\nthree\n');
    });
    await appendFile(path, 'last\n');
    await putBuild(PYTHONS, { state: 'ready', builder: '127.0.0.2' });
    assert.equal(await following.done, 0);
    assert.equal(following.out, 'one\ntwo\nthree\nlast\n');
  });

  it('says what is wrong, and what there is', async () => {
    const cli = await commands();
    const refusal = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await cli.run('dib-image-log', ...args);
      assert.deepEqual([code, out], [1, '']);
      return err;
    };
    assert.match(await refusal('debian'), /there is no image debian; there are no images$/m);
    await site.touch('ubuntu');
    await site.touch('debian');
    assert.match(await refusal('fedora'), /there is no image fedora; there are debian, ubuntu$/m);
    assert.match(
      await refusal(`fedora-${PYTHONS}`),
      /there is no image fedora; there are debian, ubuntu$/m,
    );
    assert.match(
      await refusal('debian'),
      /image debian has no build and no log yet\n {2}no builder is registered$/m,
    );
    await putBuild(PYTHONS, { state: 'ready', builder: '127.0.0.2' });
    assert.match(
      await refusal('debian'),
      /no log of build debian-f{32} of builder 127.0.0.2 can be had\n {2}builder at http:\/\/127.0.0.2:\d+: .*ECONNREFUSED/,
    );
    await startAt('127.0.0.2');
    const asked = await commands();
    const { err } = await asked.run('dib-image-log', 'debian', '--build-id', '0'.repeat(32));
    assert.match(err, /no log of build debian-0{32} can be had; it may have been deleted/);
    for (const args of [
      ['--build-id', '../x'],
      ['--tail', 'all'],
      ['--url', 'builder.example'],
    ])
      assert.equal((await cli.run('dib-image-log', 'debian', ...args)).code, 2, args.join(' '));
  });

  it('ends with Ctrl-C, and when its reader has seen enough', async () => {
    const openWords = await site.dictate();
    await startAt('127.0.0.2');
    const words = await openWords();
    await words.write('it begins\n');
    const cli = await commands();
    const program = cli.spawn('dib-image-log', 'debian', '-f');
    let out = '';
    program.stdout?.on('data', (piece: Buffer) => (out += piece.toString()));
    await eventually(() => out.endsWith('it begins\n'));
    program.kill('SIGINT');
    assert.deepEqual(await once(program, 'exit'), [1, null]);
    const other = cli.spawn('dib-image-log', 'debian', '-f');
    if (other.stdout) await once(other.stdout, 'data');
    other.stdout?.destroy();
    const ended = once(other, 'exit');
    await words.write('more\n');
    assert.deepEqual(await ended, [0, null]);
    await words.close();
  });
});
