/**
 * What must hold of a snapshot: always, and when all is quiet. Pure; each violation is a line of text.
 *
 * A snapshot's records were read one after the other, so what `alwaysViolations` finds counts only if
 * it is found again in the next one.
 */
import { MIN_READY, SMALL_TENANT } from './fleet-config.ts';
import { isRack, METASTATIC, POOL_LIMITS, poolsOf, RACK_NODES, rackOf } from './fleet-providers.ts';
import { isBacking, lostBackings, sharedPlaces, unusedBackings } from './place-invariants.ts';
import type { NodeSeen, Snapshot } from './snapshot.ts';

/** Whatever goes on. */
export function alwaysViolations(snapshot: Snapshot): string[] {
  return [
    ...sharedMachines(snapshot.nodes),
    ...sharedNodes(snapshot),
    ...overLimit(snapshot.nodes),
    ...overTenantLimit(snapshot.nodes),
    ...overCommitted(snapshot.nodes),
    ...sharedPlaces(snapshot.nodes),
    ...lostBackings(snapshot.nodes),
  ];
}

/** When no request is open, nobody uses a node and no fault is at work. */
export function quietViolations(snapshot: Snapshot, providers: readonly string[]): string[] {
  const expected = providers.flatMap(poolsOf).toSorted();
  return [
    ...alwaysViolations(snapshot),
    ...snapshot.requests.map(({ id, record }) => `request ${id} is left: ${say(record)}`),
    ...snapshot.requestLocks.map((lock) => `request lock ${lock} is held`),
    ...snapshot.nodes.flatMap((node) =>
      isBacking(node) ? notKept(node, snapshot) : notQuiet(node, snapshot),
    ),
    ...unusedBackings(snapshot.nodes),
    ...withoutZnode(snapshot),
    ...(snapshot.pools.join() === expected.join()
      ? []
      : [`pools online: ${snapshot.pools.join()}, expected ${expected.join()}`]),
    ...notInStock(snapshot.nodes),
    ...providers.flatMap((provider) => notRegistered(snapshot.nodes, rackOf(provider))),
  ];
}

/** Of clouds: several nodes of one static host have one name. */
function sharedMachines(nodes: readonly NodeSeen[]): string[] {
  const owners = new Map<string, string>();
  return nodes.filter(isOfCloud).flatMap(({ id, record }) => {
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
  const counts = countBy(
    nodes.filter(isOfCloud),
    ({ record }) => `${String(record?.provider)}/${String(record?.pool)}`,
  );
  return [...counts].flatMap(([key, count]) => {
    const limit = POOL_LIMITS[key.slice(key.indexOf('/') + 1)] ?? 0;
    return count > limit ? [`pool ${key} has ${count} nodes, its limit is ${limit}`] : [];
  });
}

/**
 * Nodes of a tenant beyond its limit that one launcher has given it: by their cloud, which no other
 * launcher has, or by the pool that has placed them. Launchers do not count what others are just
 * giving, so nothing is promised of the sum over all. Static hosts are not counted, and nodes that are
 * on their way out hold nothing up here: one that was free when its end began names its last tenant.
 */
function overTenantLimit(nodes: readonly NodeSeen[]): string[] {
  const counts = countBy(nodes.filter(isChargedToSmallTenant), ({ record }) =>
    String(record?.provider === METASTATIC ? record.launcher : record?.provider),
  );
  const { name, instances } = SMALL_TENANT;
  return [...counts].flatMap(([key, count]) =>
    count > instances ? [`tenant ${name} has ${count} nodes of ${key}, may have ${instances}`] : [],
  );
}

const CHARGED = new Set<unknown>(['init', 'building', 'ready', 'in-use', 'hold']);

function isChargedToSmallTenant({ record }: NodeSeen): boolean {
  if (record?.tenant_name !== SMALL_TENANT.name || record.resources === null) return false;
  const isFree = record.state === 'ready' && record.allocated_to === null;
  return CHARGED.has(record.state) && !isFree;
}

/** A node that is ready and of a request, and locked by two: one of them believes it is free. */
function overCommitted(nodes: readonly NodeSeen[]): string[] {
  return nodes
    .filter(({ record, locks }) => record?.state === 'in-use' && locks.length > 1)
    .map(({ id, locks }) => `node ${id} in use is locked by ${locks.length}`);
}

function notQuiet(node: NodeSeen, snapshot: Snapshot): string[] {
  const { id, record, locks } = node;
  if (record === undefined) return [`node ${id} is empty`];
  const problems: string[] = [];
  if (locks.length > 0) problems.push(`node ${id} is locked`);
  if (record.state !== 'ready') problems.push(`node ${id} is ${String(record.state)}`);
  if (record.allocated_to !== null)
    problems.push(`node ${id} is allocated to ${say(record.allocated_to)}`);
  return isOfCloud(node) ? [...problems, ...machineProblems(node, snapshot)] : problems;
}

/** Of a backing node: its lock is no session's, so it is there whoever runs. */
function notKept(node: NodeSeen, snapshot: Snapshot): string[] {
  const problems = node.locks.length === 1 ? [] : [`backing node ${node.id} is not locked`];
  return [...problems, ...machineProblems(node, snapshot)];
}

function machineProblems({ id, record }: NodeSeen, { machines }: Snapshot): string[] {
  const machine = machines.find((one) => one.id === record?.external_id);
  if (machine === undefined) return [`node ${id} has no machine`];
  return machine.status === 'ACTIVE' ? [] : [`machine of ${id} is ${machine.status}`];
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
  const ready = nodes.filter(({ record }) => isOfType(record, 'small'));
  return ready.length >= MIN_READY ? [] : [`${ready.length} nodes of small in stock`];
}

function notRegistered(nodes: readonly NodeSeen[], rack: string): string[] {
  const registered = nodes.filter(
    ({ record }) => record?.provider === rack && isOfType(record, 'metal'),
  );
  return registered.length === RACK_NODES
    ? []
    : [`${registered.length} nodes of ${rack}, expected ${RACK_NODES}`];
}

function isOfType(record: NodeSeen['record'], label: string): boolean {
  return Array.isArray(record?.type) && record.type.includes(label);
}

function isOfCloud({ record }: NodeSeen): boolean {
  return record !== undefined && record.provider !== METASTATIC && !isRack(record.provider);
}

function countBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

function say(record: unknown): string {
  return record === undefined ? 'empty' : JSON.stringify(record);
}
