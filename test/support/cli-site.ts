/**
 * A chroot of the shared ZooKeeper with a `nodepool.yaml` for it, where commands of ours and of Python
 * Nodepool run.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { runCli } from '../../shared/cli/run.ts';
import type { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import type { Peers } from './peers.ts';
import { connect, uniqueChroot, zookeeper } from './zookeeper.ts';

export interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Python's takes its time to start where the machine is loaded. */
const RUN_MS = 60_000;

export class CliSite {
  readonly client: ZooKeeperClient;
  readonly folder: string;
  readonly configPath: string;
  /** What is typed while a command runs. */
  input = '';
  /** Of commands of ours. */
  environment: Readonly<Record<string, string>> = {};
  /** Interrupts commands of ours. */
  signal: AbortSignal | undefined;

  private constructor(client: ZooKeeperClient, folder: string) {
    this.client = client;
    this.folder = folder;
    this.configPath = join(folder, 'nodepool.yaml');
  }

  /** `sections`: of `nodepool.yaml`, without ZooKeeper's. `chroot`: default one of its own. */
  static async make(
    sections: Readonly<Record<string, unknown>> = {},
    chroot = uniqueChroot('cli'),
  ): Promise<CliSite> {
    const { tlsHosts, tls } = await zookeeper();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-cli-'));
    removeWithUs(folder);
    const site = new CliSite(await connect(chroot), folder);
    const [host = '', port = ''] = tlsHosts.split(':');
    const config = {
      'zookeeper-servers': [{ host, port: Number(port), chroot }],
      'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
      ...sections,
    };
    await writeFile(site.configPath, JSON.stringify(config, undefined, 2));
    return site;
  }

  /** Our command, in this process. */
  async ours(...args: string[]): Promise<Output> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCli({
      args: ['-c', this.configPath, ...args],
      version: '1.2.3',
      environment: this.environment,
      hostname: 'host',
      clock: systemClock,
      signal: this.signal ?? AbortSignal.timeout(RUN_MS),
      print: (line) => out.push(`${line}\n`),
      warn: (line) => err.push(`${line}\n`),
      write: (bytes) => {
        out.push(Buffer.from(bytes).toString());
        return Promise.resolve();
      },
      ask: (question) => {
        out.push(question);
        return Promise.resolve(/^.+/.exec(this.input)?.[0]);
      },
    });
    return { code, out: out.join(''), err: err.join('') };
  }

  /** Python Nodepool's command. */
  theirs({ nodepoolPython }: Peers, ...args: string[]): Promise<Output> {
    const program = join(dirname(nodepoolPython), 'nodepool');
    return new Promise((resolve) => {
      const child = execFile(
        program,
        ['-c', this.configPath, ...args],
        { timeout: RUN_MS },
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
          resolve({ code, out: stdout, err: stderr });
        },
      );
      child.stdin?.end(this.input);
    });
  }

  /** Sets a znode's data, with all that is missing above it. */
  async put(path: string, data: object | string = ''): Promise<void> {
    await this.client.ensurePath(path);
    await this.client.set(
      path,
      Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
    );
  }

  /** Data of all znodes below the path, by path, without locks; records as objects. */
  async tree(path = '/nodepool/images'): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    const queue = [path];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const above = next;
      const { data } = await this.client.get(above);
      found[above] = data.length === 0 ? '' : readable(data.toString());
      const { children } = await this.client.children(above);
      queue.push(...children.filter((name) => name !== 'lock').map((name) => `${above}/${name}`));
    }
    return found;
  }

  async close(): Promise<void> {
    await this.client.close();
    await removeNow(this.folder);
  }
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
