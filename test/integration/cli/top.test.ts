/** `nodepool top` beside a running launcher, on a real terminal and without one. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { webSource } from '../../../launcher/web-source.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { run as runProgram } from '../../../fixtures/processes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';
import { Pty } from '../../support/pty.ts';

const main = join(import.meta.dirname, '../../../shared/cli/main.ts');
const oneServer = config({ pool: { 'max-servers': 1 } });
/** Signals as Linux numbers them. */
const [SIGHUP, SIGTERM] = [1, 15];

interface Desk {
  /** A configuration file for the scene's ZooKeeper. */
  readonly path: string;
  /** The launcher's web server. */
  readonly url: string;
}

/** Of two requests that are being served one waits for room; a third one waits behind it. */
async function withBusyLauncher(work: (scene: Scene, desk: Desk) => Promise<void>): Promise<void> {
  await play(oneServer, async (scene) => {
    const { zuul, own, cloud, connectString } = scene;
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-top-'));
    const path = join(folder, 'nodepool.yaml');
    const [, host = '', port = '', chroot = ''] = /^([^:]*):(\d+)(.*)$/.exec(connectString) ?? [];
    const servers = [{ host, port: Number(port), chroot }];
    await writeFile(path, JSON.stringify({ 'zookeeper-servers': servers }));
    const web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, source: webSource(own.launcher) },
      ...{ clock: systemClock, log: silentLogger },
    });
    cloud.holdCreates();
    try {
      await zuul.submit(['small']);
      await zuul.submit(['small']);
      await zuul.submit(['large']);
      await eventually(() => {
        const { waiting, serving, reasons } = own.launcher.status();
        assert.deepEqual([waiting, serving, reasons.length], [1, 2, 1]);
      });
      await work(scene, { path, url: `http://127.0.0.1:${web.port}` });
    } finally {
      cloud.releaseCreates();
      await web.close();
      await rm(folder, { recursive: true });
    }
  });
}

async function openTop(desk: Desk, rows = 40): Promise<Pty> {
  return Pty.nodepool(['-c', desk.path, 'top', '--url', desk.url], { columns: 120, rows });
}

function assertSeen(terminal: Pty, ...expected: readonly RegExp[]): void {
  const text = terminal.lines.join('\n');
  for (const one of expected) assert.match(text, one);
}

describe('nodepool top', function () {
  this.timeout(60_000);

  it('shows what goes on as it changes, obeys keys and sizes, and leaves the terminal as it was', () =>
    withBusyLauncher(async ({ cloud }, desk) => {
      const terminal = await openTop(desk);
      try {
        await eventually(() => {
          assertSeen(
            terminal,
            /^▶ Waiting requests: 1$/m,
            /^1 +cloud +main +defer +/m,
            /^ {2}Launches: 2$/m,
            /^\S+ +small +cloud\/main +0000000000 +(creating|waiting for address) +\d+ s /m,
            /^\S+ +small +cloud\/main +waiting for room /m,
            /^cloud +volumes +·{20} +0 of 100 +1 +0 +running$/m,
            /^ {2}main +instances +█{20} +1 of 1 /m,
            /^cloud +1 +1$/m,
          );
        });
        await eventually(() => {
          assert.equal(terminal.lines.length, 40);
        });
        cloud.releaseCreates();
        await eventually(() => {
          assertSeen(terminal, /^ {2}Launches: 1$/m, /requests: .*1 fulfilled/);
        });
        terminal.type('/large\r');
        await eventually(() => {
          assertSeen(terminal, /^filter: large /m);
        });
        terminal.resize(30, 8);
        await eventually(() => {
          assert.deepEqual(terminal.lines.slice(0, 2), [
            '30x8 is too small',
            'nodepool top needs 40x10',
          ]);
        });
        terminal.resize(60, 20);
        await eventually(() => {
          assert.equal(terminal.lines.length, 20);
          for (const line of terminal.lines) assert.ok(line.length <= 60, line);
        });
        terminal.type('q');
        assert.equal(await terminal.ended(), 0);
        assert.ok(terminal.isRestored);
      } finally {
        await terminal.close();
      }
    }));

  it('leaves the terminal as it was at signals', () =>
    withBusyLauncher(async (_, desk) => {
      for (const number of [SIGTERM, SIGHUP]) {
        const terminal = await openTop(desk);
        try {
          await eventually(() => {
            assertSeen(terminal, /Launches: 2$/m);
          });
          terminal.signal(number);
          assert.equal(await terminal.ended(), 0);
          assert.ok(terminal.isRestored);
        } finally {
          await terminal.close();
        }
      }
    }));

  it('prints one plain picture where there is no terminal, without launchers that tell, too', () =>
    withBusyLauncher(async (_, desk) => {
      const args = ['--import=tsx', main, '-c', desk.path, 'top'];
      const told = await runProgram(process.execPath, [...args, '--url', desk.url]);
      assert.match(told, /^ {2}Waiting requests: 1$/m);
      assert.match(told, /^\S+ +small +cloud\/main +0000000000 +(creating|waiting for address) /m);
      assert.ok(!told.includes('\u001b'));
      // Nobody listens there.
      const silent = desk.url.replace('127.0.0.1', '127.0.0.2');
      const untold = await runProgram(process.execPath, [...args, '--url', silent]);
      assert.match(untold, /^no launcher tells what it does/m);
      assert.match(untold, /^ {2}Waiting requests: 1 {2}\(no launcher tells why they wait\)$/m);
      assert.match(untold, /^1 +large$/m);
      assert.match(untold, /^cloud +main +\S+ +waits for room +/m);
      assert.match(untold, /^0000000000 +small +cloud +\d+ s$/m);
      assert.match(untold, /^launcher +http:\/\/127\.0\.0\.2:\d+ .*ECONNREFUSED/m);
    }));
});
