/**
 * A deployment in which each kind of record stands still in each of its states, so that what one kind
 * of launcher wrote can be laid beside what the other wrote. Nodes and requests have roles here.
 */
import assert from 'node:assert/strict';
import type { RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider } from '../../support/launcher-scene.ts';
import type { LauncherSite } from '../../support/launcher-site.ts';
import type { InUse, ZnodeRecord } from '../../support/zuul-side.ts';

export const SLOW_PROVIDER = 'slow';
export const STUCK_PROVIDER = 'stuck';
export const POOLS = 7;

const PATIENCE_MS = 60_000;

/** The launchers choose by chance where there are several. */
const ZONE = { 'availability-zones': ['az1'] };

/** A `nodepool.yaml` for both; ours alone reads of the providers that are slow and stuck. */
export function sections(host: RunningSshServer): Record<string, unknown> {
  const cloud = fakeProvider({
    labels: ['small', 'large'],
    provider: { priority: 30 },
    pool: { ...ZONE, 'node-attributes': { rack: 'a1' } },
  });
  const spare = fakeProvider({ labels: ['spare'], pool: { ...ZONE, name: 'spare', priority: 40 } });
  const machine = {
    ...{ name: '127.0.0.2', labels: ['metal', 'tin'], username: 'builder', timeout: 5 },
    ...{ 'connection-port': host.port, 'host-key': host.hostKeys[0] },
    ...{ 'python-path': '/usr/bin/python3', 'max-parallel-jobs': 2 },
  };
  return config({
    providers: [
      { ...cloud, pools: [...(cloud.pools as object[]), ...(spare.pools as object[])] },
      fakeProvider({ name: 'stock', labels: ['standby'], pool: ZONE }),
      fakeProvider({ name: 'full', labels: ['rare'], pool: { ...ZONE, 'max-servers': 1 } }),
      fakeProvider({ name: SLOW_PROVIDER, labels: ['slow'], pool: ZONE }),
      fakeProvider({ name: STUCK_PROVIDER, labels: ['stuck'], pool: ZONE }),
      {
        ...{ name: 'rack', driver: 'static' },
        pools: [{ name: 'main', 'node-attributes': { rack: 'b2' }, nodes: [machine] }],
      },
    ],
    minReady: { standby: 1, slow: 1 },
    faults: {
      providers: {
        [SLOW_PROVIDER]: { 'fail-create': { mode: 'hang' } },
        [STUCK_PROVIDER]: { 'fail-delete': { mode: 'hang' } },
      },
    },
  });
}

/** Role by id. */
export interface Stage {
  readonly nodes: ReadonlyMap<string, string>;
  readonly requests: ReadonlyMap<string, string>;
}

/** Brings all about, and waits until nothing moves any more. */
export async function setStage({ zuul }: LauncherSite): Promise<Stage> {
  const used = new Map<string, string>();
  const requests = new Map<string, string>();
  const ask = async (role: string, labels: readonly string[], state: string): Promise<void> => {
    const id = await zuul.submit(labels);
    requests.set(id, role);
    await zuul.untilState(id, state, PATIENCE_MS);
  };
  const use = async (role: string, labels: readonly string[]): Promise<InUse> => {
    const id = await zuul.submit(labels);
    const ids = (await zuul.untilState(id, 'fulfilled', PATIENCE_MS)).nodes as string[];
    ids.forEach((node, index) => used.set(node, `${role} ${labels[index] ?? ''}`));
    return zuul.use(id, ids);
  };
  await use('in use', ['small', 'large']);
  await use('in use', ['rare']);
  await use('in use', ['metal']);
  const held = await use('held', ['spare']);
  const hold = { state: 'hold', hold_job: 'a b c', comment: 'x', hold_expiration: 999_999 };
  for (const [id, role] of used) if (role === 'held spare') await zuul.change(id, hold);
  await held.abandon();
  await (await use('deleting', ['stuck'])).giveBack();
  await ask('fulfilled', ['large', 'small', 'large'], 'fulfilled');
  await ask('failed', ['small', 'nowhere'], 'failed');
  await ask('pending', ['slow', 'slow'], 'pending');
  // The first of those who wait is `pending` with Python's launcher alone.
  requests.set(await zuul.submit(['rare']), 'waits first');
  await ask('waits', ['rare'], 'requested');
  let nodes = used;
  await eventually(async () => {
    for (const id of await zuul.requestIds()) if (id.startsWith('900-')) requests.set(id, 'stock');
    const all = await zuul.nodes();
    nodes = new Map([...used, ...nameTheRest(all, used, requests)]);
    const states = [...nodes].map(([id, role]) => [role, String(all.get(id)?.state)] as const);
    assert.deepEqual(new Map(states.toSorted()), new Map([...ROLES].toSorted()));
    const pools = await zuul.components('pool');
    assert.deepEqual(
      pools.filter((pool) => pool.paused).map((pool) => pool.provider_name),
      ['full'],
    );
  }, PATIENCE_MS);
  return { nodes, requests };
}

/** Nodes that nobody uses: by the request that they are for, or else by their provider. */
function nameTheRest(
  all: ReadonlyMap<string, ZnodeRecord>,
  used: ReadonlyMap<string, string>,
  requests: ReadonlyMap<string, string>,
): Map<string, string> {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [id, { allocated_to, provider, type }] of all) {
    if (used.has(id)) continue;
    const owner = requests.get(String(allocated_to)) ?? `free ${String(provider)}`;
    const role = `${owner} ${String(type)}`;
    const count = counts.get(role) ?? 0;
    counts.set(role, count + 1);
    names.set(id, `${role} ${count}`);
  }
  return names;
}

/** The state of the node of each role. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ['in use small', 'in-use'],
  ['in use large', 'in-use'],
  ['in use rare', 'in-use'],
  ['in use metal', 'in-use'],
  ['held spare', 'hold'],
  ['deleting stuck', 'deleting'],
  ['fulfilled large 0', 'ready'],
  ['fulfilled small 0', 'ready'],
  ['fulfilled large 1', 'ready'],
  ['free stock standby 0', 'ready'],
  ['free rack metal,tin 0', 'ready'],
  ['stock slow 0', 'building'],
  ['pending slow 0', 'building'],
  ['pending slow 1', 'building'],
]);
