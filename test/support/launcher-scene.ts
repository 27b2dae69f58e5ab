/**
 * One launcher, the fake cloud behind it, and Zuul before it, on a ZooKeeper below a chroot of their own:
 * the scene of the launcher's integration tests. When a test ends, whatever it did, the launcher
 * stops and no lock may be left.
 */
import assert from 'node:assert/strict';
import type { FakeCloud } from '../../shared/drivers/fake/cloud.ts';
import {
  launchInProcess,
  type ConfigSections,
  type InProcessLauncher,
  type InProcessOptions,
} from './launcher-in-process.ts';
import { connect, uniqueChroot, zookeeper } from './zookeeper.ts';
import { ZuulSide } from './zuul-side.ts';

export interface Scene {
  readonly zuul: ZuulSide;
  /** The first launcher. */
  readonly own: InProcessLauncher;
  /** The cloud of provider `cloud` of the first launcher. */
  readonly cloud: FakeCloud;
  /** `host:port/chroot`. */
  readonly connectString: string;
  /** Starts one more launcher on the same ZooKeeper. It stops with the test. */
  readonly another: (
    config: ConfigSections,
    options?: Partial<InProcessOptions>,
  ) => Promise<InProcessLauncher>;
}

/** Runs a test's steps on a scene; if they fail, the error tells the end of the launcher's log. */
export async function play(
  config: ConfigSections,
  steps: (scene: Scene) => Promise<void>,
  options: Partial<InProcessOptions> = {},
): Promise<void> {
  const chroot = uniqueChroot('launcher');
  const { plainHosts } = await zookeeper();
  const connectString = options.connectString ?? `${plainHosts}${chroot}`;
  const client = await connect(chroot);
  const zuul = new ZuulSide(client);
  const launchers: InProcessLauncher[] = [];
  const another: Scene['another'] = async (sections, more = {}) => {
    const launcher = await launchInProcess({ connectString, config: sections, ...more });
    launchers.push(launcher);
    return launcher;
  };
  try {
    const own = await another(config, {
      ...options,
      connectString: connectString + below(options, chroot),
    });
    await steps({
      zuul,
      own,
      get cloud() {
        return own.cloud('cloud');
      },
      connectString: `${plainHosts}${chroot}`,
      another,
    });
    await Promise.all(launchers.map((launcher) => launcher.stop()));
    assert.deepEqual(await zuul.heldLocks(), [], 'locks that are left');
  } catch (error) {
    if (error instanceof Error) error.stack = `${error.stack ?? ''}${endOfLogs(launchers)}`;
    throw error;
  } finally {
    await Promise.allSettled(launchers.map((launcher) => launcher.stop(0)));
    await client.close();
  }
}

/** A proxy's address is given without the chroot, which is only known here. */
function below(options: Partial<InProcessOptions>, chroot: string): string {
  return options.connectString === undefined ? '' : chroot;
}

function endOfLogs(launchers: readonly InProcessLauncher[]): string {
  return launchers
    .map(
      ({ lines }, index) => `\n--- log of launcher ${index + 1}:\n${lines.slice(-40).join('\n')}`,
    )
    .join('');
}

export interface FakeOptions {
  /** Provider's name, default `cloud`. */
  readonly name?: string;
  /** Default `small` and `large`. */
  readonly labels?: readonly string[];
  /** Further options of the provider. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** Further options of its pool `main`. */
  readonly pool?: Readonly<Record<string, unknown>>;
}

/** A provider of driver `fake` with one pool. */
export function fakeProvider(options: FakeOptions = {}): Record<string, unknown> {
  const { name = 'cloud', labels = ['small', 'large'], provider = {}, pool = {} } = options;
  return {
    name,
    driver: 'fake',
    cloud: 'fake',
    'region-name': 'region-one',
    rate: 0.0001,
    'cloud-images': [{ name: 'image', 'image-name': 'Fake Precise' }],
    ...provider,
    pools: [
      {
        name: 'main',
        'max-servers': 100,
        ...pool,
        labels: labels.map((label) => ({
          name: label,
          'cloud-image': 'image',
          'min-ram': 8192,
        })),
      },
    ],
  };
}

export interface ConfigOptions extends FakeOptions {
  /** Numbers of standby nodes by label. */
  readonly minReady?: Readonly<Record<string, number>>;
  /** Failures and delays on purpose; by default a server takes 20 ms. */
  readonly faults?: Readonly<Record<string, unknown>>;
  readonly intervals?: Readonly<Record<string, number>>;
  /** Instead of one fake provider. */
  readonly providers?: readonly Readonly<Record<string, unknown>>[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A whole configuration with one fake provider `cloud`, its pool `main`, labels `small` and `large`. */
export function config(options: ConfigOptions = {}): Record<string, unknown> {
  const {
    minReady = {},
    faults = {},
    intervals = {},
    providers = [fakeProvider(options)],
  } = options;
  const names = new Set([
    ...labelsOf(providers),
    ...(options.labels ?? []),
    ...Object.keys(minReady),
  ]);
  return {
    labels: [...names].map((name) => ({ name, 'min-ready': minReady[name] ?? 0 })),
    providers,
    extensions: {
      intervals: { delete: 0.2, cleanup: 0.5, 'config-check': 0.5, ...intervals },
      drivers: { fake: { 'create-delay': 0.02, ...faults } },
    },
    ...options.extra,
  };
}

function labelsOf(providers: readonly Readonly<Record<string, unknown>>[]): string[] {
  type Pool = { labels?: { name: string }[]; nodes?: { labels: string | string[] }[] };
  return providers.flatMap((provider) =>
    (provider.pools as Pool[]).flatMap(({ labels = [], nodes = [] }) => [
      ...labels.map(({ name }) => name),
      ...nodes.flatMap((node) => node.labels),
    ]),
  );
}
