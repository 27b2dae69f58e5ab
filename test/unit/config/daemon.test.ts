import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hasCode } from '../../../shared/base/errors.ts';
import {
  detachedArguments,
  parseDaemonArguments,
} from '../../../shared/config/daemon/arguments.ts';
import type { DaemonName, DaemonOptions } from '../../../shared/config/daemon/arguments.ts';
import { takePidFile } from '../../../shared/config/daemon/pid-file.ts';
import { startDaemon } from '../../../shared/config/daemon/start.ts';

const place = { home: '/home/zuul', cwd: '/srv', version: '1.2.3' };

function parse(line: string, daemon: DaemonName = 'launcher') {
  const args = line === '' ? [] : line.split(' ');
  return parseDaemonArguments({ daemon, args, ...place });
}

function options(line: string, daemon: DaemonName = 'launcher'): DaemonOptions {
  const parsed = parse(line, daemon);
  assert.equal(parsed.kind, 'run');
  return parsed.options;
}

describe('arguments of a daemon', () => {
  it('have the defaults of the original', () => {
    assert.deepEqual(options(''), {
      configPath: '/etc/nodepool/nodepool.yaml',
      securePath: undefined,
      logConfigPath: undefined,
      pidFilePath: '/var/run/nodepool/nodepool.pid',
      mode: 'background',
      hasWebapp: true,
      buildWorkers: 1,
      uploadWorkers: undefined,
    });
    assert.equal(options('', 'builder').pidFilePath, '/var/run/nodepool/nodepool-builder.pid');
  });

  it('are made absolute, ~ included', () => {
    const { configPath, securePath, pidFilePath, logConfigPath } = options(
      '-c ~/a.yaml -s b.yaml -p ../p -l /l',
    );
    assert.deepEqual(
      [configPath, securePath, pidFilePath, logConfigPath],
      ['/home/zuul/a.yaml', '/srv/b.yaml', '/p', '/l'],
    );
  });

  it('follow the rules of argparse', () => {
    assert.equal(options('-c/x').configPath, '/x');
    assert.equal(options('-c /x -c /y').configPath, '/y');
    assert.equal(options('--no-w').hasWebapp, false);
    assert.equal(options('--upload=7', 'builder').uploadWorkers, 7);
    assert.equal(options('-fd').mode, 'debug');
  });

  it('choose how the daemon runs', () => {
    const lines = ['-f', '-d', '-d -f', '--detached', ''];
    const modes = lines.map((line) => options(line).mode);
    assert.deepEqual(modes, ['foreground', 'debug', 'debug', 'detached', 'background']);
  });

  it('print the version and the help', () => {
    assert.deepEqual(parse('--version'), {
      kind: 'exit',
      code: 0,
      text: 'Nodepool version: 1.2.3',
    });
    const help = parse('-h');
    assert.equal(help.kind === 'exit' && help.code, 0);
    assert.match(help.kind === 'exit' ? help.text : '', /--no-webapp/);
  });

  for (const line of ['-x', 'word', '-c', '--build-workers=few', '--nothing', '--config=x'])
    it(`refuse ${line}`, () => {
      const parsed = parse(line);
      assert.equal(parsed.kind === 'exit' && parsed.code, 2);
    });

  it('mean the same to the detached process', () => {
    for (const daemon of ['launcher', 'builder'] as const) {
      const given = options(
        '-c a -s b -l c -p d --no-webapp --build-workers 2 --upload-workers 3',
        daemon,
      );
      const args = detachedArguments(daemon, given);
      const again = parseDaemonArguments({ daemon, args, home: '/', cwd: '/', version: '' });
      const expected = { ...given, mode: 'detached' };
      const ignored = daemon === 'launcher' ? { buildWorkers: 1, uploadWorkers: undefined } : {};
      assert.deepEqual(again, { kind: 'run', options: { ...expected, ...ignored } });
    }
    assert.ok(!detachedArguments('builder', options('', 'builder')).includes('--upload-workers'));
  });
});

describe('a pid file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-pid-'));
    path = join(folder, 'pid');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const alive = () => true;
  const dead = () => false;

  it('holds the number of the process until it is released', async () => {
    const file = await takePidFile(path, 42, dead);
    assert.equal(await readFile(path, 'utf8'), '42\n');
    assert.deepEqual(await readdir(folder), ['pid']);
    file.release();
    assert.deepEqual(await readdir(folder), []);
  });

  it('keeps a second process from starting', async () => {
    await takePidFile(path, 42, alive);
    await assert.rejects(takePidFile(path, 43, alive), (error) =>
      hasCode(error, 'NP_ALREADY_RUNNING'),
    );
    assert.equal(await readFile(path, 'utf8'), '42\n');
  });

  it('is taken over from a process that does not exist', async () => {
    await writeFile(path, '42\n');
    await takePidFile(path, 43, dead);
    assert.equal(await readFile(path, 'utf8'), '43\n');
  });

  it('is taken over where it holds no number, or our own', async () => {
    for (const content of ['', 'nonsense', '43\n']) {
      await writeFile(path, content);
      await takePidFile(path, 43, alive);
      assert.equal(await readFile(path, 'utf8'), '43\n', content);
    }
  });

  it('goes to one of several that start at once', async () => {
    const pids = [1, 2, 3, 4, 5, 6, 7, 8];
    const results = await Promise.allSettled(pids.map((pid) => takePidFile(path, pid, alive)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await readdir(folder), ['pid']);
  });

  it('is not removed when somebody else has it by then', async () => {
    const file = await takePidFile(path, 42, dead);
    await writeFile(path, '43\n');
    file.release();
    assert.ok(existsSync(path));
  });

  it('cannot be written where there is no directory', async () => {
    await assert.rejects(takePidFile(join(folder, 'no', 'pid'), 42, dead), (error) =>
      hasCode(error, 'NP_PID_FILE'),
    );
  });
});

describe('startDaemon', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-start-'));
    await writeFile(join(folder, 'good.yaml'), 'labels: []\n');
    await writeFile(join(folder, 'bad.yaml'), 'labels: 3\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = (...args: string[]) =>
    startDaemon({
      daemon: 'launcher',
      args: [...args, '-p', 'pid'],
      home: '/',
      cwd: folder,
      version: '1',
      // What the detached process would be; it writes its arguments where the test finds them.
      command: [
        process.execPath,
        '-e',
        `require('fs').writeFileSync('${join(folder, 'started')}', process.argv.slice(1).join(' '))`,
        '--',
      ],
      environment: {},
      pid: process.pid,
    });

  it('refuses a broken configuration before anything else happens', async () => {
    for (const mode of [[], ['-f'], ['--detached']]) {
      const result = await start('-c', 'bad.yaml', ...mode);
      assert.equal(result.kind === 'exit' && result.code, 1);
      assert.match(
        result.kind === 'exit' ? result.text : '',
        /bad\.yaml:1:9: labels: must be a list/,
      );
    }
    assert.deepEqual((await readdir(folder)).sort(), ['bad.yaml', 'good.yaml']);
  });

  it('needs no pid file in the foreground', async () => {
    const result = await start('-c', 'good.yaml', '-f');
    assert.equal(result.kind, 'run');
    assert.ok(!existsSync(join(folder, 'pid')));
  });

  it('holds the pid file in the detached process, until the end', async () => {
    const result = await start('-c', 'good.yaml', '--detached');
    assert.equal(result.kind, 'run');
    assert.equal(await readFile(join(folder, 'pid'), 'utf8'), `${process.pid}\n`);
    result.release();
    assert.ok(!existsSync(join(folder, 'pid')));
  });

  it('starts the program anew for the background, and leaves the pid file to it', async () => {
    const result = await start('-c', 'good.yaml');
    assert.deepEqual(result, { kind: 'exit', code: 0, text: '' });
    assert.ok(!existsSync(join(folder, 'pid')));
    const started = join(folder, 'started');
    const expected = `-c ${join(folder, 'good.yaml')} -p ${join(folder, 'pid')} --detached`;
    let found = '';
    while (found !== expected) {
      await new Promise((resolve) => setImmediate(resolve));
      found = existsSync(started) ? await readFile(started, 'utf8') : '';
    }
  });
});
