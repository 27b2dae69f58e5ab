/**
 * Configurations with a metastatic provider over a fake one, and what tests read of its nodes.
 */
import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { config, fakeProvider, type ConfigOptions } from './launcher-scene.ts';
import type { ZnodeRecord, ZuulSide } from './zuul-side.ts';

/** The name under which the provider `meta` keeps nodes. */
export const OWNER = 'NodePool:metastatic:meta';

type Section = Readonly<Record<string, unknown>>;

/** Provider `meta` with a pool `main` and a label `slot` on nodes of label `host`, three on each. */
export function metastaticProvider(label: Section = {}, pool: Section = {}): Section {
  return {
    name: 'meta',
    driver: 'metastatic',
    pools: [
      {
        name: 'main',
        ...pool,
        labels: [
          {
            name: 'slot',
            'backing-label': 'host',
            'max-parallel-jobs': 3,
            'grace-time': 0,
            ...label,
          },
        ],
      },
    ],
  };
}

export interface MetastaticOptions extends Omit<ConfigOptions, 'providers'> {
  readonly label?: Section;
  /** Options of the pool `main` of `meta`. */
  readonly slotPool?: Section;
}

/** The provider `cloud` with label `host`, and `meta` on it. */
export function metastaticConfig(options: MetastaticOptions = {}): Record<string, unknown> {
  const { label = {}, slotPool = {}, ...rest } = options;
  return config({
    ...rest,
    providers: [fakeProvider({ labels: ['host'], ...rest }), metastaticProvider(label, slotPool)],
  });
}

/** A node of `meta` as its record tells. */
export interface SlotNode {
  readonly id: string;
  readonly backing: string;
  readonly slot: number;
  readonly record: ZnodeRecord;
}

export async function slotNode(zuul: ZuulSide, id: string): Promise<SlotNode> {
  const record = await zuul.node(id);
  assert.ok(record, `node ${id} is gone`);
  const data = record.driver_data as { backing_node: string; slot: number };
  return { id, backing: data.backing_node, slot: data.slot, record };
}

/** Backing nodes that `meta` keeps, by id. */
export async function backingNodes(zuul: ZuulSide): Promise<Map<string, ZnodeRecord>> {
  const nodes = await zuul.nodes();
  return new Map([...nodes].filter(([, { user_data }]) => ownerOf(user_data) === OWNER));
}

/** What the children of a node's lock carry, in the order of the queue. */
export async function lockHolders(zuul: ZuulSide, id: string): Promise<string[]> {
  const path = `/nodepool/nodes/${id}/lock`;
  const { children } = await zuul.client.children(path);
  const inOrder = children.toSorted((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1));
  const reads = inOrder.map((child) => zuul.client.get(`${path}/${child}`));
  return (await Promise.all(reads)).map(({ data }) => data.toString());
}

/** Waits until so many pools are online: before that, requests may be declined by all there are. */
export async function untilOnline(zuul: ZuulSide, pools: number): Promise<void> {
  await eventually(async () => {
    assert.equal((await zuul.components('pool')).length, pools);
  });
}

/** Waits until no node is left, so that nothing of a test stays locked. */
export async function untilEmpty(zuul: ZuulSide): Promise<void> {
  await eventually(async () => {
    assert.deepEqual(await zuul.nodeIds(), []);
  });
}

export function backingData(record: ZnodeRecord): Record<string, unknown> {
  return JSON.parse(record.user_data as string) as Record<string, unknown>;
}

function ownerOf(userData: unknown): unknown {
  if (typeof userData !== 'string') return undefined;
  return (JSON.parse(userData) as { owner?: unknown }).owner;
}
