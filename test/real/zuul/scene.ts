/**
 * One test before a whole Zuul: launchers that end with it, conditions to wait for, and what must hold
 * at its end: every host is registered once and free, no request and no lock is left.
 */
import assert from 'node:assert/strict';
import type { ZnodeRecord } from '../../support/zuul-side.ts';
import { start, type AnyLauncher, type Kind } from './launchers.ts';
import { HOSTS, patiently, type Build, type WholeZuul } from './whole-zuul.ts';

export interface Scene {
  readonly zuul: WholeZuul;
  /** Starts a launcher; it ends with the test. */
  readonly start: (
    kind: Kind,
    environment?: Readonly<Record<string, string>>,
  ) => Promise<AnyLauncher>;
}

export interface SceneOptions {
  /** The first hosts of the Zuul's that the launchers have. Default: all. */
  readonly hosts?: number;
}

/** Runs a test's steps; if they fail, the error tells the ends of the launchers' logs. */
export async function play(
  zuul: WholeZuul,
  steps: (scene: Scene) => Promise<void>,
  { hosts = HOSTS }: SceneOptions = {},
): Promise<void> {
  const launchers: { kind: Kind; launcher: AnyLauncher }[] = [];
  await zuul.configure(hosts);
  try {
    await steps({
      zuul,
      start: async (kind, environment) => {
        const launcher = await start(zuul, kind, environment);
        launchers.push({ kind, launcher });
        return launcher;
      },
    });
    await untilSettled(zuul, hosts);
  } catch (error) {
    // Launchers of one kind write into one file.
    const last = new Map(launchers.map(({ kind, launcher }) => [kind, launcher]));
    for (const [kind, launcher] of last) {
      const log = await launcher.tail().catch(() => '');
      if (error instanceof Error) error.stack = `${error.stack ?? ''}\n--- log of ${kind}:\n${log}`;
    }
    throw error;
  } finally {
    // What a failed test left held would be in the way of the next one.
    for (const { id } of await zuul.holds()) await zuul.release(id);
    for (const { launcher } of launchers) await launcher.stop();
  }
}

/** Waits until every host has one node that is free, and nothing else is there. */
export async function untilSettled(
  zuul: WholeZuul,
  hosts: number,
): Promise<Map<string, ZnodeRecord>> {
  let nodes = new Map<string, ZnodeRecord>();
  await patiently(async () => {
    nodes = await zuul.zookeeper.nodes();
    const places = [...nodes.values()].map((node) => [
      node.hostname,
      node.state,
      node.allocated_to ?? null,
    ]);
    const expected = Array.from({ length: hosts }, (_, n) => [`127.0.80.${n + 1}`, 'ready', null]);
    assert.deepEqual(places.toSorted(), expected, 'nodes');
    assert.deepEqual(await zuul.zookeeper.requestIds(), [], 'requests that are left');
    assert.deepEqual(await zuul.zookeeper.heldLocks(), [], 'locks that are left');
  });
  return nodes;
}

/** The one node in a state. */
export async function untilOne(
  zuul: WholeZuul,
  state: string,
): Promise<{ readonly id: string; readonly record: ZnodeRecord }> {
  let found: { id: string; record: ZnodeRecord } | undefined;
  await patiently(async () => {
    const nodes = [...(await zuul.zookeeper.nodes())];
    const those = nodes.filter(([, record]) => record.state === state);
    assert.equal(those.length, 1, `one node that is ${state}`);
    const [[id, record] = ['', {}]] = those;
    found = { id, record };
  });
  assert.ok(found);
  return found;
}

/** Waits until a host is lent for the second time, others are in use, and requests wait. */
export async function untilBetweenTwoBuilds(
  zuul: WholeZuul,
  before: ReadonlyMap<string, unknown>,
): Promise<void> {
  await patiently(async () => {
    const nodes = [...(await zuul.zookeeper.nodes())];
    const inUse = nodes.filter(([, node]) => node.state === 'in-use');
    assert.ok(inUse.length >= 3 && inUse.some(([id]) => !before.has(id)));
    assert.notDeepEqual(await zuul.zookeeper.requestIds(), []);
  });
}

/** Builds that met no trouble: right host keys, each node for one build only, and gone after it. */
export function assertGood(builds: readonly Build[]): void {
  for (const build of builds) {
    assert.equal(build.result, 'SUCCESS', JSON.stringify(build));
    assert.equal(build.attempts, 1, 'no build was tried twice');
    assert.notEqual(build.gone, null, 'the nodes are gone when they have been used');
    assert.equal(build.hostnames.length, build.nodes.length);
  }
  const ids = builds.flatMap((build) => build.nodes.map((node) => node.id));
  assert.equal(new Set(ids).size, ids.length, 'no node served two builds');
}
