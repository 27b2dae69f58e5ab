/**
 * What a launcher has written, as it stands in ZooKeeper, and made comparable: ids become roles, times
 * and random parts words that keep their type and form.
 */
import type { LauncherSite } from '../../support/launcher-site.ts';
import type { ZnodeRecord } from '../../support/zuul-side.ts';
import type { Stage } from './stage.ts';

/** A contender of a lock: the form of its name, its data, and whether it ends with its session. */
interface LockChild {
  readonly name: string;
  readonly data: string;
  readonly isEphemeral: boolean;
}

export interface Znodes {
  readonly launchers: readonly ZnodeRecord[];
  /** By provider and pool. */
  readonly pools: Readonly<Record<string, ZnodeRecord>>;
  readonly nodes: Readonly<Record<string, ZnodeRecord>>;
  readonly requests: Readonly<Record<string, ZnodeRecord>>;
  /** By role, `node` or `request` before it. */
  readonly locks: Readonly<Record<string, readonly LockChild[]>>;
  /** Roles of the requests that end with their maker's session. */
  readonly ephemeralRequests: readonly string[];
}

export async function readZnodes(site: LauncherSite, stage: Stage): Promise<Znodes> {
  const { zuul, client } = site;
  const neutral = (value: unknown): ZnodeRecord => neutralize(value, stage) as ZnodeRecord;
  const pools = (await zuul.components('pool')).map(neutral);
  const nodes: Record<string, ZnodeRecord> = {};
  const requests: Record<string, ZnodeRecord> = {};
  const locks: Record<string, LockChild[]> = {};
  const ephemeralRequests: string[] = [];
  for (const [id, role] of stage.nodes) {
    nodes[role] = neutral(await zuul.node(id));
    locks[`node ${role}`] = await contenders(site, `/nodepool/nodes/${id}/lock`);
  }
  for (const [id, role] of stage.requests) {
    requests[role] = neutral(await zuul.request(id));
    locks[`request ${role}`] = await contenders(site, `/nodepool/requests-lock/${id}`);
    const stat = await client.exists(`/nodepool/requests/${id}`);
    if (stat?.ephemeralOwner) ephemeralRequests.push(role);
  }
  return {
    launchers: (await zuul.components('launcher')).map(neutral),
    pools: Object.fromEntries(
      pools.map((pool) => [`${String(pool.provider_name)} ${String(pool.name)}`, pool]),
    ),
    ...{ nodes, requests, locks, ephemeralRequests },
  };
}

async function contenders({ client }: LauncherSite, path: string): Promise<LockChild[]> {
  if (!(await client.exists(path))) return [];
  const found: LockChild[] = [];
  for (const child of (await client.children(path)).children) {
    const { data, stat } = await client.get(`${path}/${child}`);
    const name = child.replace(/^[0-9a-f]{32}/, 'hex').replace(/\d{10}$/, 'number');
    found.push({ name, data: data.toString(), isEphemeral: stat.ephemeralOwner !== 0n });
  }
  return found;
}

/** Recursively; a value keeps its type, and a text its form. */
export function neutralize(value: unknown, stage: Stage, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => neutralize(item, stage));
    return key === 'declined_by' || key === 'supported_labels' ? items.toSorted() : items;
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        stage.nodes.get(name) ?? stage.requests.get(name) ?? name,
        neutralize(item, stage, name),
      ]),
    );
  if (typeof value === 'number') return key.endsWith('_time') ? 'a time' : value;
  return typeof value === 'string' ? neutralText(value, stage, key) : value;
}

function neutralText(text: string, stage: Stage, key: string): string {
  if (key === 'version') return 'a version';
  return (
    (stage.nodes.get(text) ?? stage.requests.get(text) ?? text)
      .replace(/[0-9a-f]{32}/g, 'hex')
      // The id of a pool begins with the host's name: with its domain where Python's wrote it.
      .replace(/^[^ ]*-PoolWorker\./, 'host-PoolWorker.')
      // A request that is gone.
      .replace(/^\d{3}-\d{10}$/, 'request')
  );
}
