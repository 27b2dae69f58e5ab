/** The builder as a process: its web server, its answer to SIGUSR2, and its exit. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { builderProgram, startBuilder } from '../../../fixtures/builder/start.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';

const NODEPOOL = join(import.meta.dirname, '../../../dist/shared/cli/main.js');
/** Its fifo is opened by the test; what is written there is the log. */
const DIB = `#!/bin/bash
while [ $# -gt 0 ]; do case $1 in -o) out=$2; shift ;; esac; shift; done
cat "$(dirname "$0")/words"
echo data > "$out.qcow2"
`;

describe('the builder as a process', function () {
  this.timeout(90_000);
  let folder: string;
  let client: ZooKeeperClient;
  let configPath: string;
  let daemon: RunningDaemon;
  let port: number;
  let occupied: Server | undefined;

  before(function () {
    if (builderProgram() !== undefined) return;
    console.log('      skipped: the builder is not built');
    this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-builder-process-'));
    removeWithUs(folder);
    const chroot = uniqueChroot('builder-process');
    client = await connect(chroot);
    const [host = '', zookeeperPort = ''] = (await zookeeper()).plainHosts.split(':');
    port = await freePort();
    configPath = join(folder, 'nodepool.yaml');
    await mkdir(join(folder, 'images'));
    await writeFile(join(folder, 'dib.sh'), DIB);
    await promisify(execFile)('mkfifo', [join(folder, 'words')]);
    const config = {
      'zookeeper-servers': [{ host, port: Number(zookeeperPort), chroot }],
      'images-dir': join(folder, 'images'),
      'build-log-dir': join(folder, 'logs'),
      diskimages: [
        {
          ...{ name: 'debian', elements: ['vm'], formats: ['qcow2'] },
          'dib-cmd': `bash ${folder}/dib.sh`,
        },
      ],
      extensions: { builder: { runner: 'process', web: { port } } },
    };
    await writeFile(configPath, JSON.stringify(config));
  });
  afterEach(async () => {
    await daemon.stop(0);
    occupied?.close();
    occupied = undefined;
    await client.close();
    await removeNow(folder);
  });

  async function start(...args: string[]): Promise<void> {
    daemon = await startBuilder({ workDir: folder, configPath, args });
  }
  const log = (): Promise<string> => readFile(daemon.logPath, 'utf8');
  const say = (words: string): Promise<void> => writeFile(join(folder, 'words'), words);
  const status = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  const untilReady = (): Promise<void> =>
    eventually(async () => {
      assert.ok((await log()).includes('build is ready'));
    }, 60_000);

  it('shows its build to the command, and in the log when it is asked', async () => {
    await start();
    await eventually(async () => {
      assert.equal(await status('/ready'), 200);
      assert.ok((await log()).includes('build begins'));
    }, 60_000);
    const shown = promisify(execFile)(process.execPath, [
      ...[NODEPOOL, '-c', configPath, 'dib-image-log', 'debian', '-f'],
    ]);
    daemon.kill('SIGUSR2');
    await eventually(async () => {
      assert.match(await log(), /what is going on.*building.*debian.*qcow2.*uploading/);
    });
    await say('it builds\n');
    assert.equal((await shown).stdout, 'it builds\nExit code: 0\n');
    assert.equal(await daemon.stop(), 0);
  });

  it('builds all the same where the port of its web server is taken, and says so', async () => {
    occupied = createServer().listen(port, '127.0.0.1');
    await once(occupied, 'listening');
    await start();
    await say('');
    await untilReady();
    assert.match(
      await log(),
      new RegExp(`ERROR nodepool.WebApp: there is no web server.*127.0.0.1:${port}.*EADDRINUSE`),
    );
    assert.equal(await daemon.stop(), 0);
  });

  it('has no web server with --no-webapp', async () => {
    await start('--no-webapp');
    await say('');
    await untilReady();
    await assert.rejects(status('/live'), /fetch failed/);
    assert.equal(await daemon.stop(), 0);
  });
});

/** Nobody else gets it in the moments until it is used. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
