/** Builds in containers of a real Docker, with a real diskimage-builder. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endWithUs } from '../../../fixtures/processes/reaper.ts';
import { hasCode, hasLabel, NodepoolError } from '../../../shared/base/errors.ts';
import { silentLogger, type Logger } from '../../../shared/base/log.ts';
import { eventually } from '../../support/eventually.ts';
import { Docker, dockerOrSkip, IMAGE, stopDocker } from './docker.ts';
import { Site } from './site.ts';

const never = new AbortController().signal;
const enough = new NodepoolError('NP_BUILD_TIMEOUT', 'enough');

describe('builds in containers', function () {
  this.timeout(300_000);
  let docker: Docker;
  let site: Site;
  before(async function () {
    docker = await dockerOrSkip(this);
  });
  beforeEach(async () => {
    site = await Site.make(docker);
  });
  afterEach(async () => {
    const left = await site.left();
    await site.runner({ graceSeconds: 0 }).cleanUp(never);
    await site.drop();
    assert.deepEqual(left, []);
  });
  after(() => stopDocker());

  it('leave an image with its checksums, and nothing else', async () => {
    await writeFile(site.logPath, 'before\n');
    const job = site.job(['tiny']);
    assert.equal(await site.runner().run(job, never), 0);
    const base = `tiny-${job.key.build}.raw`;
    assert.deepEqual(await readdir(site.imagesDir), [base, `${base}.md5`, `${base}.sha256`]);
    const image = await readFile(join(site.imagesDir, base));
    const sha256 = await readFile(join(site.imagesDir, `${base}.sha256`), 'utf8');
    assert.equal(sha256.slice(0, 64), createHash('sha256').update(image).digest('hex'));
    const log = await site.log();
    assert.match(log, /^before\n/);
    assert.match(log, /Build completed successfully\n$/);
  });

  it('tell how they failed', async () => {
    const job = site.job(['tiny'], { TINY_FAIL: '1' });
    assert.equal(await site.runner().run(job, never), 1);
    const log = await site.log();
    assert.match(log, /tiny: failing because TINY_FAIL is set/);
    // The last thing that diskimage-builder does.
    assert.match(log, /trap_cleanup:\d+ : +exit 1\n$/);
    assert.deepEqual(await readdir(site.imagesDir), []);
  });

  it('have all that they say in the log, to the last word, and their exit code', async () => {
    const script = 'seq 1 300000; printf "no line end" >&2; exit 3';
    assert.equal(await site.runner().run(site.script(script), never), 3);
    const lines = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`);
    assert.equal(await site.log(), `${lines.join('')}no line end`);
  });

  it('have what goes on in the background for a moment in the log, and are not held up by it', async () => {
    const script = '(sleep 0.5; echo late) & sleep 1000 & exit 5';
    assert.equal(await site.runner().run(site.script(script), never), 5);
    assert.equal(await site.log(), 'late\n');
  });

  it('say that there is no diskimage-builder', async () => {
    const job = { ...site.script(''), words: ['no-such-program'] };
    assert.equal(await site.runner().run(job, never), 127);
    assert.match(await site.log(), /no-such-program: command not found/);
  });

  it('are ended with all that they hold, when they are told to', async () => {
    const controller = new AbortController();
    const job = site.job(['tiny', 'slow']);
    const failing = assert.rejects(site.runner().run(job, controller.signal), enough);
    const loop = await site.untilHolding(job);
    controller.abort(enough);
    await failing;
    assert.deepEqual(await site.left(loop), []);
    assert.match(await site.log(), /trap_cleanup/, 'it could clean up itself');
  });

  it('are forced to end, when they do not want to', async () => {
    const controller = new AbortController();
    const job = site.script('trap "echo never" TERM; echo on; while true; do sleep 0.2; done');
    const runner = site.runner({ graceSeconds: 1 });
    const failing = assert.rejects(runner.run(job, controller.signal), enough);
    await site.untilLogged('on');
    controller.abort(enough);
    await failing;
    assert.equal(await site.log(), 'on\nnever\n', 'what it said on the way out');
    assert.deepEqual(await site.left(), []);
  });

  it('that somebody killed leave no loop device', async () => {
    const job = site.job(['tiny', 'block-device-mbr', 'slow']);
    const running = site.runner().run(job, never);
    const loop = await site.untilHolding(job);
    await docker.command('kill', `nodepool-build-${job.key.build}`);
    assert.equal(await running, 137);
    assert.deepEqual(await site.left(loop), []);
    assert.deepEqual(await readdir(site.imagesDir), []);
  });

  it('that somebody removed fail with a word on it', async () => {
    const running = site.runner().run(site.script('echo on; sleep 1000'), never);
    const failing = assert.rejects(
      running,
      (error) => hasCode(error, 'NP_BUILD_RUNNER') && hasLabel(error, 'notFound'),
    );
    await site.untilLogged('on');
    const [id = ''] = await docker.withLabel(`nodepool.builder=${site.builderId}`);
    await docker.command('rm', '--force', id);
    await failing;
  });

  describe('of a builder that was killed', () => {
    let foreign: string;
    let child: ChildProcess | undefined;
    beforeEach(async () => {
      const label = 'nodepool.builder=somebody-else';
      foreign = await docker.command(
        'run',
        '-d',
        '--network=host',
        '--label',
        label,
        IMAGE,
        'sleep',
        '1000',
      );
    });
    afterEach(async () => {
      child?.kill('SIGKILL');
      await docker.command('rm', '--force', foreign);
    });

    it('are ended by the next one, and nobody else', async () => {
      const job = site.job(['tiny', 'slow']);
      const program = join(import.meta.dirname, 'builder-process.ts');
      const args = [JSON.stringify(site.options()), JSON.stringify(job)];
      child = spawn(process.execPath, ['--import=tsx', program, ...args], { stdio: 'inherit' });
      endWithUs(child);
      const loop = await site.untilHolding(job);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal((await site.left(loop)).length, 3, 'container, loop device and folder');
      await site.runner().cleanUp(never);
      assert.deepEqual(await site.left(loop), []);
      assert.equal(await docker.command('inspect', '-f', '{{.State.Running}}', foreign), 'true');
    });
  });

  it('of the same builder do not end one another', async () => {
    const runner = site.runner();
    const first = runner.run(site.script('echo on; sleep 2; echo done'), never);
    await site.untilLogged('on');
    assert.equal(await runner.run(site.script('true'), never), 0);
    assert.equal(await first, 0);
    assert.equal(await site.log(), 'on\ndone\n');
  });

  it('show secrets to nobody but the build', async () => {
    const said: unknown[] = [];
    const log = recording(said);
    const job = site.script('echo "${#SECRET}"; sleep 1000', { SECRET: 'hunter2-very-secret' });
    const controller = new AbortController();
    const running = site.runner({ log }).run(job, controller.signal);
    const failing = assert.rejects(running, enough);
    await site.untilLogged('19');
    const { Config, Name } = await docker.inspect(`nodepool-build-${job.key.build}`);
    assert.ok(Config.Env.includes('SECRET=hunter2-very-secret'));
    assert.deepEqual(Config.Labels, {
      'nodepool.builder': site.builderId,
      'nodepool.image': 'tiny',
      'nodepool.build': job.key.build,
    });
    controller.abort(enough);
    await failing;
    assert.ok(said.length > 0);
    assert.doesNotMatch(JSON.stringify([Config.Cmd, Config.Labels, Name, said]), /hunter2/);
  });

  it('see the folders of images, elements and cache, and what the configuration adds', async () => {
    await writeFile(join(site.elementsDir, 'known'), 'element\n');
    const mount = join(site.folder, 'added');
    await writeFile(mount, 'mount\n');
    const script = `cat ${site.elementsDir}/known /inside
      touch ${site.elementsDir}/new 2> /dev/null || echo read-only
      touch ${site.imagesDir}/image "$DIB_IMAGE_CACHE/kept" "$TMPDIR/work"; ls /dev/loop-control`;
    const settings = { mounts: [`${mount}:/inside:ro`], cpus: 1, memoryMib: 256 };
    assert.equal(await site.runner({ settings }).run(site.script(script), never), 0);
    assert.equal(await site.log(), 'element\nmount\nread-only\n/dev/loop-control\n');
    assert.deepEqual(await readdir(site.cacheDir), ['kept']);
    assert.deepEqual(await readdir(site.imagesDir), ['image'], 'nothing of the work folder');
  });

  describe('cannot begin', () => {
    const refuses = (running: Promise<unknown>, words: RegExp): Promise<void> =>
      assert.rejects(
        running,
        (error: Error) => hasCode(error, 'NP_BUILD_RUNNER') && words.test(error.message),
      );

    it('without an image that may not be pulled', async () => {
      const settings = { image: 'nowhere/dib:1', pull: 'never' } as const;
      await refuses(site.runner({ settings }).run(site.script(''), never), /nowhere\/dib:1/);
    });

    it('without an image that cannot be pulled', async () => {
      // Port 9: nobody listens.
      const settings = { image: '127.0.0.1:9/dib:1', pull: 'missing' } as const;
      await refuses(
        site.runner({ settings }).run(site.script(''), never),
        /127\.0\.0\.1:9\/dib:1 cannot be pulled: .*refused/,
      );
    });

    it('without a daemon', async () => {
      const runner = site.runner({ socket: join(site.folder, 'no.sock') });
      for (const running of [runner.run(site.script(''), never), runner.cleanUp(never)])
        await assert.rejects(running, (error: NodepoolError) => {
          assert.match(error.message, /no Docker daemon answers at unix:.*no\.sock/);
          assert.match(error.hint ?? '', /Start the daemon/);
          return error.code === 'NP_BUILD_RUNNER';
        });
    });
  });
});

describe('builds in containers, while the daemon is restarted', function () {
  this.timeout(300_000);
  let docker: Docker;
  let site: Site;
  before(async function () {
    const image = await dockerOrSkip(this);
    docker = await Docker.private();
    await image.copyImageTo(docker);
  });
  beforeEach(async () => {
    site = await Site.make(docker);
  });
  afterEach(() => site.drop());
  after(async () => {
    await docker.stop();
    await stopDocker();
  });

  const COUNT = 'for ((i = 1; i <= 800; i++)); do echo $i; sleep 0.01; done';
  const counted = Array.from({ length: 800 }, (_, index) => `${index + 1}\n`).join('');

  it('go on where it lets them live, and no word is lost or doubled', async () => {
    await docker.restart(true);
    const running = site.runner().run(site.script(`${COUNT}; exit 4`), never);
    await site.untilLogged('\n100\n');
    await docker.restart(true);
    assert.equal(await running, 4);
    assert.equal(await site.log(), counted);
    assert.deepEqual(await site.left(), []);
  });

  it('may end while it is away', async () => {
    await docker.restart(true);
    const end = join(site.imagesDir, 'end');
    const running = site.runner().run(site.script(`${COUNT}; touch ${end}`), never);
    await site.untilLogged('\n100\n');
    await docker.restart(true, () =>
      eventually(async () => (await readdir(site.imagesDir)).includes('end'), 60_000, 100),
    );
    assert.equal(await running, 0);
    // Docker loses what is said while it is away, once the container has ended.
    const [heard = '', note] = (await site.log()).split('\n\n');
    assert.ok(counted.startsWith(`${heard}\n`));
    assert.match(note ?? '', /was away at the end: last words may be missing/);
    assert.deepEqual(await site.left(), []);
  });

  it('fail with a word on it where it ends them', async () => {
    await docker.restart(false);
    const job = site.job(['tiny', 'slow']);
    const failing = assert.rejects(
      site.runner().run(job, never),
      (error: Error) =>
        hasCode(error, 'NP_BUILD_RUNNER') && error.message.includes('ended with its Docker daemon'),
    );
    const loop = await site.untilHolding(job);
    await docker.restart(false);
    await failing;
    assert.deepEqual(await site.left(loop), []);
  });
});

function recording(said: unknown[]): Logger {
  const note = (message: string, fields: unknown): void => {
    said.push([message, fields]);
  };
  const log: Logger = {
    ...silentLogger,
    ...{ debug: note, info: note, warn: note, error: note },
    with: () => log,
    named: () => log,
  };
  return log;
}
