/**
 * What must hold of a snapshot: always, and when all is quiet. Pure; each violation is a line of text.
 *
 * A snapshot's records were read one after the other, so what `alwaysViolations` finds counts only if
 * it is found again in the next one.
 */
import { LABELS, MIN_READY, POOL_LIMITS } from './fleet-config.ts';
import type { MachineSeen, NodeSeen, Snapshot } from './snapshot.ts';

/** Whatever goes on. */
export function alwaysViolations(snapshot: Snapshot): string[] {
  return [
    ...sharedMachines(snapshot.nodes),
    ...sharedNodes(snapshot),
    ...overLimit(snapshot.nodes),
    ...overCommitted(snapshot.nodes),
  ];
}

/** When no request is open, nobody uses a node and no fault is at work. */
export function quietViolations(snapshot: Snapshot, providers: readonly string[]): string[] {
  const expected = providers
    .flatMap((provider) => Object.keys(POOL_LIMITS).map((pool) => `${provider}/${pool}`))
    .toSorted();
  return [
    ...alwaysViolations(snapshot),
    ...snapshot.requests.map(({ id, record }) => `request ${id} is left: ${say(record)}`),
    ...snapshot.requestLocks.map((lock) => `request lock ${lock} is held`),
    ...snapshot.nodes.flatMap((node) => notQuiet(node, snapshot.machines)),
    ...withoutZnode(snapshot),
    ...(snapshot.pools.join() === expected.join()
      ? []
      : [`pools online: ${snapshot.pools.join()}, expected ${expected.join()}`]),
    ...notInStock(snapshot.nodes),
  ];
}

function sharedMachines(nodes: readonly NodeSeen[]): string[] {
  const owners = new Map<string, string>();
  return nodes.flatMap(({ id, record }) => {
    if (typeof record?.external_id !== 'string') return [];
    const other = owners.get(record.external_id);
    owners.set(record.external_id, id);
    return other === undefined
      ? []
      : [`nodes ${other} and ${id} have one machine ${record.external_id}`];
  });
}

/** A node in the answers of two requests. */
function sharedNodes({ requests }: Snapshot): string[] {
  const owners = new Map<string, string>();
  return requests.flatMap(({ id, record }) => {
    if (record?.state !== 'fulfilled' || !Array.isArray(record.nodes)) return [];
    return record.nodes.flatMap((node: string) => {
      const other = owners.get(node);
      owners.set(node, id);
      return other === undefined ? [] : [`node ${node} was given to ${other} and ${id}`];
    });
  });
}

function overLimit(nodes: readonly NodeSeen[]): string[] {
  const counts = new Map<string, number>();
  for (const { record } of nodes) {
    if (!record) continue;
    const key = `${String(record.provider)}/${String(record.pool)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].flatMap(([key, count]) => {
    const limit = POOL_LIMITS[key.slice(key.indexOf('/') + 1)] ?? 0;
    return count > limit ? [`pool ${key} has ${count} nodes, its limit is ${limit}`] : [];
  });
}

/** A node that is ready and of a request, and locked by two: one of them believes it is free. */
function overCommitted(nodes: readonly NodeSeen[]): string[] {
  return nodes
    .filter(({ record, locks }) => record?.state === 'in-use' && locks.length > 1)
    .map(({ id, locks }) => `node ${id} in use is locked by ${locks.length}`);
}

function notQuiet({ id, record, locks }: NodeSeen, machines: readonly MachineSeen[]): string[] {
  if (record === undefined) return [`node ${id} is empty`];
  const problems: string[] = [];
  if (locks.length > 0) problems.push(`node ${id} is locked`);
  if (record.state !== 'ready') problems.push(`node ${id} is ${String(record.state)}`);
  if (record.allocated_to !== null)
    problems.push(`node ${id} is allocated to ${say(record.allocated_to)}`);
  const machine = machines.find((one) => one.id === record.external_id);
  if (machine === undefined) problems.push(`node ${id} has no machine`);
  else if (machine.status !== 'ACTIVE') problems.push(`machine of ${id} is ${machine.status}`);
  return problems;
}

function withoutZnode({ nodes, machines }: Snapshot): string[] {
  const known = new Set(nodes.map(({ record }) => record?.external_id));
  return machines
    .filter(({ id }) => !known.has(id))
    .map(
      ({ id, provider, status, node }) =>
        `machine ${id} (${status}) of node ${node ?? '?'} in ${provider} belongs to no znode`,
    );
}

function notInStock(nodes: readonly NodeSeen[]): string[] {
  const [label] = LABELS;
  const ready = nodes.filter(
    ({ record }) => Array.isArray(record?.type) && record.type.includes(label),
  );
  return ready.length >= MIN_READY ? [] : [`${ready.length} nodes of ${label} in stock`];
}

function say(record: unknown): string {
  return record === undefined ? 'empty' : JSON.stringify(record);
}
