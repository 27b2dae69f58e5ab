/** Configurations and what ZooKeeper holds, for plans. */
import type { Config } from '../../../../schemas/config/model.ts';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { newNode } from '../../../../schemas/records/node.ts';
import { newRequest, type RequestRecord } from '../../../../schemas/records/request.ts';
import type { Change, Snapshot } from '../../../../shared/cli/plan/model.ts';
import { planFor } from '../../../../shared/cli/plan/plan.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import type { NodeView, RequestView } from '../../../../shared/web/source.ts';

/** Seconds since 1970. */
export const NOW = 1_800_000_000;

export type Sections = Readonly<Record<string, unknown>>;

/** As it would be read from a file with these sections. */
export function config(sections: Sections): Config {
  const all = { 'zookeeper-servers': [{ host: 'zk' }], ...sections };
  const text = JSON.stringify(all, undefined, 1);
  return parseConfig({ path: 'nodepool.yaml', environment: {}, texts: [text] }).config;
}

/** A provider of the driver `fake`, whose pools have these labels. */
export function fake(name: string, pools: Readonly<Record<string, readonly string[]>>): Sections {
  return {
    name,
    ...{ driver: 'fake', cloud: 'any' },
    'cloud-images': [{ name: 'image' }],
    pools: Object.entries(pools).map(([pool, labels]) => ({
      ...{ name: pool, 'max-servers': 5 },
      labels: labels.map((label) => ({ name: label, 'cloud-image': 'image', 'min-ram': 1 })),
    })),
  };
}

export function hosts(name: string, nodes: readonly Sections[]): Sections {
  const all = nodes.map((one) => ({ labels: 'metal', ...one }));
  return { name, driver: 'static', pools: [{ name: 'rack', nodes: all }] };
}

export function labels(...names: readonly (string | Sections)[]): Sections {
  return { labels: names.map((one) => (typeof one === 'string' ? { name: one } : one)) };
}

export function node(id: string, fields: Partial<NodeRecord> = {}, isLocked = false): NodeView {
  const record = newNode(
    {
      ...{ state: 'ready', provider: 'cloud', pool: 'main', type: ['small'] },
      ...{ resources: { instances: 1, cores: 2 }, ...fields },
    },
    NOW - 100,
  );
  return { id, record, isLocked };
}

export function request(id: string, wanted: string[], fields: Partial<RequestRecord> = {}) {
  const view: RequestView = { id, record: newRequest({ node_types: wanted, ...fields }, NOW - 50) };
  return view;
}

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return { nodes: [], requests: [], pools: [], images: new Map(), now: NOW, ...fields };
}

export function changes(
  before: Sections,
  after: Sections,
  held: Partial<Snapshot> | undefined = {},
): readonly Change[] {
  return planFor(config(before), config(after), snapshot(held)).changes;
}

/** One line each: `- provider-orphan cloud: text [ids]`, `!` in front of a loss. */
export function lines(found: readonly Change[], part?: Change['part']): string[] {
  return found
    .filter((one) => part === undefined || one.part === part)
    .map(({ mark, code, subject, text, ids, is_loss }) => {
      const named = ids.length === 0 ? '' : ` [${ids.join(' ')}]`;
      return `${is_loss ? '!' : ''}${mark} ${code} ${subject}: ${text}${named}`;
    });
}
