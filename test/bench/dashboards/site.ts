/** What is measured: ZooKeeper with nodes in use, and a launcher with its web server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLauncher, type RunningLauncher } from '../../../fixtures/launcher/start.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { endWithUs } from '../../../fixtures/processes/reaper.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { NODES, REQUESTS } from '../../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { fillNodes } from '../scale/fill.ts';
import { configText, planLayout } from '../scale/layout.ts';
import type { Readers } from './result.ts';

export interface Site {
  readonly client: ZooKeeperClient;
  /** One that all requests ask for. */
  readonly label: string;
  /** User and system time of the launcher until now. */
  cpuMs(): Promise<number>;
  /** Resident at most. */
  rssMib(): Promise<number>;
  /** Resolves when all have the whole snapshot; the answer ends them. */
  openReaders(count: number): Promise<() => Promise<Readers>>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly workDir: string;
  readonly nodes: number;
}

export async function startSite({ workDir, nodes }: SiteOptions): Promise<Site> {
  const zookeeper = await startZooKeeper({ mode: 'both', tickMs: 2000, heapMib: 768 });
  const client = new ZooKeeperClient({
    connectString: zookeeper.plainHosts,
    sessionTimeoutMs: 40_000,
  });
  await client.start(AbortSignal.timeout(20_000));
  for (const path of [NODES, REQUESTS]) await client.ensurePath(path);
  const layout = planLayout({
    ...{ providers: 4, poolsPerProvider: 1, labels: 4, labelsPerPool: 2, nodes, requests: 0 },
  });
  await fillNodes(client, layout);
  const [port = 0] = await freePorts(1);
  const launcher = await startOurs(zookeeper, { workDir, port, config: layout });
  const base = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${base}/ready`)).ok, 60_000, 100);
  return {
    client,
    label: layout.wanted[0] ?? '',
    cpuMs: () => cpuMs(launcher.pid),
    rssMib: () => rssMib(launcher.pid),
    openReaders: (count) => openReaders(`${base}/events`, count),
    stop: async () => {
      await launcher.stop();
      await client.close();
      await zookeeper.stop();
    },
  };
}

async function startOurs(
  zookeeper: RunningZooKeeper,
  {
    workDir,
    port,
    config,
  }: {
    readonly workDir: string;
    readonly port: number;
    readonly config: Parameters<typeof configText>[0];
  },
): Promise<RunningLauncher> {
  const { tlsHosts, tls } = zookeeper;
  const facts = { servers: tlsHosts.split(','), tls, spare: 1000 };
  const sections = JSON.parse(configText(config, facts)) as object;
  const webapp = { port, listen_address: '127.0.0.1' };
  const configPath = join(workDir, 'nodepool.yaml');
  await writeFile(configPath, JSON.stringify({ ...sections, webapp }));
  return startLauncher({ workDir, configPath });
}

async function openReaders(url: string, count: number): Promise<() => Promise<Readers>> {
  const program = join(import.meta.dirname, 'readers.ts');
  const args = ['--import', import.meta.resolve('tsx'), program, url, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithUs(child);
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  await eventually(() => {
    if (child.exitCode !== null) throw new Error('the readers have ended');
    return output.startsWith('open');
  }, 60_000);
  return async () => {
    const ended = once(child, 'close');
    child.stdin.end();
    await ended;
    return JSON.parse(output.split('\n')[1] ?? '') as Readers;
  };
}

/** Of the kernel's clock in /proc: USER_HZ is 100 on all Linux systems that matter. */
const MS_A_TICK = 10;

async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The fields after the name, which may hold blanks: the first one is the third of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 13).map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) * MS_A_TICK;
}

async function rssMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
}
