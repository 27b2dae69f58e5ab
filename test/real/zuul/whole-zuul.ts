/**
 * The whole real Zuul that the tests of this folder share: started at the first call, ended after the
 * last test. `zuul-up.sh` of the shared tools makes it: scheduler, executor, web, Ansible in bubblewrap,
 * and hosts with an sshd each. README.md says what it needs.
 *
 * With NODEPOOL_ZUUL_WORK set to the folder of a Zuul that runs already, that one is used and left
 * running; it must have as many hosts.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { launcherProgram } from '../../../fixtures/launcher/start.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { findPeers, type Peers } from '../../support/peers.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

/** Hosts that Zuul's nodes are. */
export const HOSTS = 8;
/** Zuul's own names; the tool chose them. */
const TENANT = 'e2e';
const PROJECT = 'project';
/** Patience with two busy cores. A build takes 6 to 11 s of Ansible alone. */
export const PATIENCE_MS = 180_000;
const BUILDS_SECONDS = 900;
const TOKEN_SECONDS = 7200;

/** A look at all nodes and locks costs as much as the work on them. */
const POLL_MS = 200;

/** Waits for a condition, as long as two busy cores may take. */
export function patiently(condition: () => unknown): Promise<void> {
  return eventually(condition, PATIENCE_MS, POLL_MS);
}

/** As `run-job` prints it; `run-job --help` explains the fields. Times in seconds. */
export interface Build {
  readonly result: string | null;
  readonly attempts: number;
  readonly requested: number;
  readonly fulfilled: number;
  readonly gone: number | null;
  readonly nodes: readonly { readonly id: string; readonly address: string }[];
  readonly hostnames: readonly string[];
}

export interface BuildOptions {
  /** Builds that are enqueued at once. Default 1. */
  readonly count?: number;
  /** One label or several. Default: one node. */
  readonly labels?: readonly string[];
  /** How long each works on its nodes. Default 0; below 0 the build fails. */
  readonly seconds?: number;
}

/** A request for holding the nodes of builds that fail, as Zuul's web lists it. */
export interface Hold {
  readonly id: string;
  readonly current_count: number;
  readonly nodes: readonly { readonly nodes: readonly string[] }[];
}

/** What stands in a static provider's section for each host. */
export type HostEntry = Readonly<Record<string, unknown>>;

interface NodepoolFile {
  readonly providers: readonly {
    readonly pools: readonly { readonly nodes: HostEntry[] }[];
  }[];
}

export class WholeZuul {
  readonly peers: Peers;
  /** The folder of `zuul-up.sh`. */
  readonly work: string;
  /** For logs of launchers. */
  readonly folder: string;
  /** What launchers are given. */
  readonly configPath: string;
  readonly zookeeper: ZuulSide;
  readonly #client: ZooKeeperClient;
  readonly #settings: ReadonlyMap<string, string>;
  readonly #token: string;
  readonly #isOwn: boolean;
  readonly #original: string;

  private constructor(parts: {
    peers: Peers;
    work: string;
    folder: string;
    client: ZooKeeperClient;
    settings: ReadonlyMap<string, string>;
    token: string;
    original: string;
    isOwn: boolean;
  }) {
    this.peers = parts.peers;
    this.work = parts.work;
    this.folder = parts.folder;
    this.configPath = join(parts.work, 'nodepool.yaml');
    this.zookeeper = new ZuulSide(parts.client);
    this.#client = parts.client;
    this.#settings = parts.settings;
    this.#token = parts.token;
    this.#original = parts.original;
    this.#isOwn = parts.isOwn;
  }

  static async start(peers: Peers): Promise<WholeZuul> {
    // A socket below it, 70 characters on, must not exceed the 107 that a socket's path may have.
    const folder = await mkdtemp(join(tmpdir(), 'zuul-'));
    const running = process.env.NODEPOOL_ZUUL_WORK;
    const work = running ?? join(folder, 'z');
    const settings = await up(peers, work);
    const setting = (name: string): string => settings.get(name) ?? '';
    const original = await readFile(join(work, 'nodepool.yaml'), 'utf8');
    const client = new ZooKeeperClient({
      connectString: setting('ZK_TLS_HOSTS'),
      tls: {
        ca: setting('ZK_TLS_CA'),
        cert: setting('ZK_TLS_CERT'),
        key: setting('ZK_TLS_KEY'),
      },
    });
    await client.start(AbortSignal.timeout(PATIENCE_MS));
    const admin = join(dirname(setting('ZUUL_PYTHON')), 'zuul-admin');
    const bearer = await run(admin, [
      ...['-c', setting('ZUUL_CONF'), 'create-auth-token', '--auth-config', 'operator'],
      ...['--tenant', TENANT, '--user', 'tests', '--expires-in', String(TOKEN_SECONDS)],
    ]);
    const token = /^Bearer (\S+)$/m.exec(bearer)?.[1] ?? '';
    const isOwn = running === undefined;
    return new WholeZuul({ peers, work, folder, client, settings, token, original, isOwn });
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await writeFile(this.configPath, this.#original);
    if (this.#isOwn) await this.tool('down');
    await rm(this.folder, { recursive: true, force: true });
  }

  tool(action: string): Promise<string> {
    return run(toolOf(this.peers), [action, this.work]);
  }

  /** Runs builds to their end, also such as fail. */
  async build({ count = 1, labels = ['e2e'], seconds = 0 }: BuildOptions = {}): Promise<Build[]> {
    const args = [
      ...['--count', String(count), '--label', labels.join(','), '--seconds', String(seconds)],
      ...['--timeout', String(BUILDS_SECONDS)],
    ];
    // It exits with 1 if a build fails, which is for the caller to judge.
    const output = await promisify(execFile)(toolOf(this.peers), ['run-job', ...args, this.work], {
      maxBuffer: 16 * 1024 * 1024,
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    const lines = output.stdout.split('\n').filter((line) => line.startsWith('{"ref"'));
    if (lines.length !== count) throw new Error(`run-job: ${output.stdout}${output.stderr}`);
    return lines.map((line) => JSON.parse(line) as Build);
  }

  /** What Zuul's web answers for the tenant. */
  async ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const url = `${this.#settings.get('ZUUL_WEB') ?? ''}/api/tenant/${TENANT}/${path}`;
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const answer = await fetch(url, {
      ...init,
      headers,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** From now on the nodes of a build that fails are held: `zuul-client autohold`. */
  async hold(reason: string, expirationSeconds: number): Promise<void> {
    const request = {
      ...{ job: 'job-e2e', change: null, ref: null, reason, count: 1 },
      node_hold_expiration: expirationSeconds,
    };
    const init = { method: 'POST', body: JSON.stringify(request) };
    await this.ask(`project/${PROJECT}/autohold`, init);
  }

  async holds(): Promise<readonly Hold[]> {
    return (await this.ask('autohold')) as readonly Hold[];
  }

  /** `zuul-client autohold-delete`: its nodes become used. */
  async release(id: string): Promise<void> {
    await this.ask(`autohold/${id}`, { method: 'DELETE' });
  }

  /** Rewrites nodepool.yaml: the first hosts of it, changed as wanted. */
  async configure(count: number, change: (host: HostEntry) => HostEntry = (host) => host) {
    const file = parse(this.#original) as NodepoolFile;
    for (const { pools } of file.providers)
      for (const pool of pools) pool.nodes.splice(0, Infinity, ...pool.nodes.slice(0, count));
    for (const { pools } of file.providers)
      for (const pool of pools) pool.nodes.splice(0, count, ...pool.nodes.map(change));
    await writeFile(`${this.configPath}.new`, stringify(file));
    await rename(`${this.configPath}.new`, this.configPath);
  }

  /** The key that a host shows, as host_keys has it. */
  async hostKey(host: number): Promise<string> {
    const text = await readFile(`${this.#hostFolder(host)}/ssh/host_key.pub`, 'utf8');
    return text.trim().split(' ').slice(0, 2).join(' ');
  }

  /** The host is installed anew: its connections end, it has another key. */
  async reinstall(host: number): Promise<void> {
    const key = `${this.#hostFolder(host)}/ssh/host_key`;
    const [pid] = (await readFile(`${this.work}/run/node-${host}.pid`, 'utf8')).split(' ');
    await rm(key);
    await rm(`${key}.pub`);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    process.kill(Number(pid), 'SIGKILL');
    await patiently(async () => !(await isRunning(Number(pid))));
    await up(this.peers, this.work);
  }

  #hostFolder(host: number): string {
    return join(this.work, 'nodes', String(host));
  }
}

function toolOf(peers: Peers): string {
  return join(peers.tools, 'zuul-up.sh');
}

/** Starts what does not run; the settings that it prints. */
async function up(peers: Peers, work: string): Promise<Map<string, string>> {
  const env = { ...process.env, ZUUL_E2E_NODES: String(HOSTS) };
  const output = await run(toolOf(peers), ['up', work], { env });
  return new Map(
    [...output.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
}

/** A process that nobody has waited for yet has ended all the same. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}

let shared: Promise<WholeZuul> | undefined;

/** Skips the suite, with a word, where there can be none. For `before`. */
export async function wholeZuul(context: Mocha.Context): Promise<WholeZuul> {
  const peers = await findPeers();
  if (peers === undefined || launcherProgram() === undefined || process.getuid?.() !== 0) {
    console.log('      skipped: no shared tools, the launcher is not built, or we are not root');
    context.skip();
  }
  shared ??= WholeZuul.start(peers);
  return shared;
}

after(async function () {
  this.timeout(PATIENCE_MS);
  await (await shared)?.stop();
});
