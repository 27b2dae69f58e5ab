/**
 * The real OpenStack that the tests of this folder share: started at the first call, ended after the last
 * test. `openstack-up.sh` of the shared tools makes it; README.md says what it needs.
 *
 * With NODEPOOL_OPENSTACK_WORK set to the folder of one that runs already, that one is used and left
 * running. It must have been made with the settings below.
 */
import { readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../../../fixtures/processes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { findPeers, type Peers } from '../../support/peers.ts';
import { Rest, type SignIn } from './rest.ts';

/** A zone that works, and one in which every server ends in ERROR. */
export const GOOD_ZONE = 'az1';
export const BROKEN_ZONE = 'az-broken';
/** Loopback, so that an sshd of this machine answers for floating IPs. */
const SETTINGS = {
  OPENSTACK_COMPUTES: `${GOOD_ZONE}=fake.FakeDriver ${BROKEN_ZONE}=fake.FakeBuildAbortDriver`,
  OPENSTACK_CINDER: 'yes',
  OPENSTACK_PRIVATE_CIDR: '127.80.0.0/16',
  OPENSTACK_PUBLIC_CIDR: '127.81.0.0/16',
};
const PORT_BASE = '17000';
/** A look at one of the processes costs little. */
const POLL_MS = 100;
const END_MS = 30_000;

/** By the names of the tool's pid files. */
export type Process = 'keystone' | 'nova-api' | 'neutron-server' | 'cinder-api' | 'glance-api';

export class OpenStackServices {
  readonly admin: Rest;
  readonly authUrl: string;
  readonly #tool: string;
  readonly #folder: string;
  readonly #isOwn: boolean;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(parts: {
    admin: Rest;
    authUrl: string;
    tool: string;
    folder: string;
    isOwn: boolean;
    environment: NodeJS.ProcessEnv;
  }) {
    this.admin = parts.admin;
    this.authUrl = parts.authUrl;
    this.#tool = parts.tool;
    this.#folder = parts.folder;
    this.#isOwn = parts.isOwn;
    this.#environment = parts.environment;
  }

  static async start(peers: Peers): Promise<OpenStackServices> {
    const running = process.env.NODEPOOL_OPENSTACK_WORK;
    const folder = running ?? (await mkdtemp(join(tmpdir(), 'openstack-')));
    const tool = join(peers.tools, 'openstack-up.sh');
    const environment = {
      ...process.env,
      ...SETTINGS,
      OPENSTACK_DIR: folder,
      OPENSTACK_PORT_BASE: running === undefined ? PORT_BASE : await portBase(folder),
    };
    if (running === undefined) await run(tool, ['up'], { env: environment });
    const account = await accountOf(folder, 'admin');
    const admin = await Rest.signIn(account);
    const isOwn = running === undefined;
    return new OpenStackServices({
      ...{ admin, authUrl: account.authUrl, tool, folder, isOwn, environment },
    });
  }

  /** Ends what we started. */
  async stop(): Promise<void> {
    if (!this.#isOwn) return;
    await run(this.#tool, ['reset'], { env: this.#environment });
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends one service's processes; calls are refused from then on. */
  async kill(name: Process, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const text = await readFile(join(this.#folder, 'run', `${name}.pid`), 'utf8');
    const group = Number(text.split(' ')[0]);
    process.kill(-group, signal);
    await eventually(() => !hasMembers(group), END_MS, POLL_MS);
  }

  /** Starts what does not run. */
  async startMissing(): Promise<void> {
    await run(this.#tool, ['up'], { env: this.#environment });
  }
}

function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

async function accountOf(folder: string, cloud: string): Promise<SignIn> {
  const { clouds } = parse(await readFile(join(folder, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: Record<string, string> } | undefined>;
  };
  const auth = clouds[cloud]?.auth ?? {};
  const of = (name: string): string => auth[name] ?? '';
  return {
    authUrl: of('auth_url'),
    user: of('username'),
    password: of('password'),
    project: of('project_name'),
  };
}

/** Keystone has the first port. */
async function portBase(folder: string): Promise<string> {
  return new URL((await accountOf(folder, 'admin')).authUrl).port;
}

let shared: Promise<OpenStackServices> | undefined;

/** The shared services; undefined where there can be none. */
export async function findServices(): Promise<OpenStackServices | undefined> {
  const peers = await findPeers();
  if (peers === undefined || process.getuid?.() !== 0) return undefined;
  shared ??= OpenStackServices.start(peers);
  return shared;
}

/** Ends them, if they were started by us. */
export async function stopServices(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}
