/**
 * Everything that a fault run needs, started and ended: an ensemble of three, clouds that outlive their
 * launchers, the launchers, the users and the reader.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeCloudServer, type FakeCloudServer } from '../../fixtures/fake-cloud/server.ts';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { setWeather } from './faults/clouds.ts';
import type { Victims } from './faults/fault.ts';
import { FleetLauncher } from './fleet-launcher.ts';
import { RACK_SLOTS, rackOf } from './fleet-providers.ts';
import { Ground } from './ground.ts';
import { Host } from './hosts.ts';
import { Reader } from './reader.ts';
import type { MachineSeen } from './snapshot.ts';
import { Users } from './users.ts';

export interface StageOptions {
  readonly seed: number;
  readonly providers: readonly string[];
  /** Builds at a time. */
  readonly parallel: number;
  /** Logs and configurations; kept. Default: a temporary folder that is removed at the end. */
  readonly workDir?: string | undefined;
  /** The first port of the ensemble. Default: the system's choice. */
  readonly portBase?: number | undefined;
}

const START_MS = 60_000;
const TICK_MS = 500;

export class Stage implements Victims {
  readonly workDir: string;
  readonly zookeeper: RunningZooKeeper;
  readonly clouds: FakeCloudServer;
  readonly launchers: ReadonlyMap<string, FleetLauncher>;
  readonly users: Users;
  readonly reader: Reader;
  readonly #hosts: ReadonlyMap<string, readonly Host[]>;
  readonly #isTemporary: boolean;

  private constructor(
    options: StageOptions & { workDir: string; isTemporary: boolean },
    parts: Parts,
  ) {
    this.workDir = options.workDir;
    this.#isTemporary = options.isTemporary;
    this.zookeeper = parts.zookeeper;
    this.clouds = parts.clouds;
    this.launchers = parts.launchers;
    this.#hosts = parts.hosts;
    const machines = (): MachineSeen[] => machinesOf(parts.clouds, options.providers);
    const hosts = parts.zookeeper.plainHosts;
    this.reader = new Reader({ hosts, machines });
    this.users = new Users({
      hosts,
      seed: options.seed,
      parallel: options.parallel,
      ground: groundOf(parts),
      wasAnyClockWrong: (since) =>
        [...parts.launchers.values()].some((launcher) => launcher.wasClockWrong(since)),
    });
  }

  static async start(options: StageOptions): Promise<Stage> {
    const isTemporary = options.workDir === undefined;
    const workDir = options.workDir ?? (await mkdtemp(join(tmpdir(), 'nodepool-fault-')));
    if (isTemporary) removeWithUs(workDir);
    const clouds = await startFakeCloudServer({ seed: options.seed });
    for (const provider of options.providers) setWeather({ clouds }, provider, []);
    const zookeeper = await startZooKeeper({
      ...{ mode: 'both', members: 3, tickMs: TICK_MS, workDir: join(workDir, 'zookeeper') },
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
    });
    const hosts = new Map<string, readonly Host[]>();
    for (const provider of options.providers)
      hosts.set(provider, await Promise.all(RACK_SLOTS.map(() => Host.start())));
    const made = await Promise.all(
      options.providers.map((provider) =>
        FleetLauncher.make({
          provider,
          workDir: join(workDir, provider),
          zookeeper: zookeeper.tlsHosts.split(','),
          tls: zookeeper.tls,
          cloudUrl: clouds.url,
          hosts: hosts.get(provider) ?? [],
        }),
      ),
    );
    const launchers = new Map(made.map((launcher) => [launcher.provider, launcher]));
    const stage = new Stage(
      { ...options, workDir, isTemporary },
      { zookeeper, clouds, launchers, hosts },
    );
    const signal = AbortSignal.timeout(START_MS);
    await Promise.all([stage.users.start(signal), stage.reader.start(signal)]);
    await Promise.all(made.map((launcher) => launcher.start()));
    return stage;
  }

  launcher(provider: string): FleetLauncher {
    const launcher = this.launchers.get(provider);
    if (!launcher) throw new Error(`there is no launcher of ${provider}`);
    return launcher;
  }

  hosts(provider: string): readonly Host[] {
    return this.#hosts.get(provider) ?? [];
  }

  /** Undoes what faults may have left. */
  async heal(): Promise<void> {
    for (const provider of this.launchers.keys()) setWeather(this, provider, []);
    for (const host of this.#allHosts) host.restore();
    for (const number of [1, 2, 3]) {
      this.zookeeper.member(number).resume();
      await this.zookeeper.member(number).start({ mayLackQuorum: true });
    }
    await this.zookeeper.untilServing();
    await Promise.all([...this.launchers.values()].map((launcher) => launcher.heal()));
  }

  /** Violations seen so far, of all who look. */
  get violations(): string[] {
    const surprises = [...this.launchers.values()].flatMap((launcher) => launcher.surprises);
    return [...this.users.books.violations, ...this.reader.violations, ...surprises];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.launchers.values()].map((launcher) => launcher.end()));
    await this.users.stop();
    await this.reader.stop();
    await this.zookeeper.stop();
    await this.clouds.close();
    await Promise.all(this.#allHosts.map((host) => host.stop()));
    if (this.#isTemporary) await removeNow(this.workDir);
  }

  get #allHosts(): readonly Host[] {
    return [...this.#hosts.values()].flat();
  }
}

interface Parts {
  readonly zookeeper: RunningZooKeeper;
  readonly clouds: FakeCloudServer;
  readonly launchers: ReadonlyMap<string, FleetLauncher>;
  /** By the provider beside them. */
  readonly hosts: ReadonlyMap<string, readonly Host[]>;
}

function groundOf({ clouds, hosts }: Parts): Ground {
  const racks = new Map([...hosts].map(([provider, rack]) => [rackOf(provider), rack]));
  return new Ground({
    hasMachine: (provider, id) =>
      clouds.cloud(provider).servers.some((one) => one.id === id && one.status === 'ACTIVE'),
    keysOfHost: (provider, port) =>
      racks.get(provider)?.find((host) => host.port === port)?.hostKeys,
  });
}

function machinesOf(clouds: FakeCloudServer, providers: readonly string[]): MachineSeen[] {
  return providers.flatMap((provider) =>
    clouds.cloud(provider).servers.map(({ id, status, metadata }) => ({
      provider,
      id,
      status,
      node: metadata.nodepool_node_id,
    })),
  );
}
