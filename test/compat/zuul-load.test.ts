/**
 * Zuul's own classes as load (`zuul-load.py` of the shared tools) against our launcher as it is
 * shipped, over TLS. The generator checks every node that it is handed: labels, order, state, owner,
 * lock, never handed out twice; its exit code is the verdict.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLauncher, type RunningLauncher } from '../../fixtures/launcher/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { peersOrSkip, type Peers } from '../support/peers.ts';

const LOAD_TIMEOUT_MS = 180_000;

interface LoadResult {
  readonly submitted: number;
  readonly fulfilled: number;
  readonly failed: number;
  readonly lost: number;
  readonly nodes: number;
  readonly violations: number;
  readonly violation_samples: readonly string[];
  readonly drain_seconds: number | null;
}

describe('under the load of a real Zuul, over TLS, the launcher', function () {
  this.timeout(LOAD_TIMEOUT_MS);
  let peers: Peers;
  let zookeeper: RunningZooKeeper;
  let launcher: RunningLauncher;
  let folder: string;

  before(async function () {
    peers = await peersOrSkip(this, { needsLauncher: true });
    folder = await mkdtemp(join(tmpdir(), 'nodepool-zuul-load-'));
    zookeeper = await startZooKeeper({ mode: 'tls', tickMs: 1000 });
    const configPath = join(folder, 'nodepool.yaml');
    await writeFile(configPath, configOf(zookeeper));
    launcher = await startLauncher({ workDir: folder, configPath, args: ['--no-webapp'] });
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (launcher as RunningLauncher | undefined)?.stop();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function load(...options: string[]): Promise<LoadResult> {
    const { tlsHosts, tls } = zookeeper;
    const { code, output } = await runLoad(peers, [
      ...['run', '--hosts', tlsHosts, '--tls-ca', tls.ca],
      ...['--tls-cert', tls.cert, '--tls-key', tls.key],
      ...['--wait-pools', '1', '--timeout', '90', '--drain', '60', ...options],
    ]);
    const line = output.trimEnd().split('\n').at(-1) ?? '';
    assert.ok(line.startsWith('{'), `no result:\n${output}\n${await launcher.tail()}`);
    const result = JSON.parse(line) as LoadResult;
    assert.deepEqual(result.violation_samples, []);
    assert.equal(code, 0, `${line}\n${await launcher.tail()}`);
    return result;
  }

  it('serves a burst of requests of one to five nodes', async () => {
    const result = await load('--requests', '40', '--nodes', '1,2,3,4,5');
    assert.equal(result.fulfilled, 40);
    assert.equal(result.lost + result.failed + result.violations, 0);
    assert.notEqual(result.drain_seconds, null, 'nodes that were given back are deleted');
  });

  it('serves a hundred requests with twenty outstanding', async () => {
    const result = await load('--requests', '100', '--arrival', 'closed:20', '--seed', '2');
    assert.equal(result.fulfilled, 100);
    assert.equal(result.nodes, 100);
    assert.notEqual(result.drain_seconds, null, 'nodes that were given back are deleted');
  });

  it('is still there, and ends well when it is told to', async () => {
    assert.ok(launcher.isRunning);
    assert.equal(await launcher.stop(), 0);
  });
});

function runLoad(
  peers: Peers,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(peers.zuulPython, [join(peers.tools, 'zuul-load.py'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}

function configOf({ tlsHosts, tls }: RunningZooKeeper): string {
  const [host = '', port = ''] = tlsHosts.split(':');
  return `
zookeeper-servers: [{host: ${host}, port: ${port}}]
zookeeper-tls: {ca: ${tls.ca}, cert: ${tls.cert}, key: ${tls.key}}
labels: [{name: fake-label}]
providers:
  - name: fake-provider
    driver: fake
    cloud: fake
    region-name: fake-region
    rate: 0.0001
    cloud-images: [{name: fake-image, image-name: Fake Precise}]
    pools:
      - name: main
        max-servers: 1000
        labels:
          - {name: fake-label, cloud-image: fake-image, min-ram: 8192}
`;
}
