/** What stands in ZooKeeper about drains, read when a command looks. */
import { drainKinds, drainSchema, type DrainKind } from '../../../schemas/records/drain.ts';
import type { DrainRecord } from '../../../schemas/records/drain.ts';
import type { Drain } from '../../store/drains.ts';
import { COMPONENTS, drainPath, DRAINS, drainsPath, NODES } from '../../store/paths.ts';
import {
  childrenOf,
  inBatches,
  readComponents,
  readNodes,
  readRecord,
  type ReadOptions,
} from '../records.ts';
import type { DrainView } from './progress.ts';
import type { DrainTarget, KnownNames } from './target.ts';

/** What `readView` reads. */
export const ROOTS = [NODES, COMPONENTS, DRAINS] as const;

/** Providers first, each in the order of the names. */
export async function readDrains(options: ReadOptions): Promise<Drain[]> {
  const ofKind = async (kind: DrainKind): Promise<Drain[]> => {
    const names = (await childrenOf(drainsPath(kind), options)).sort();
    return inBatches(names, async (name) => {
      const path = drainPath(kind, name);
      const record = await readRecord<DrainRecord>(path, drainSchema, options);
      return { kind, name, record };
    });
  };
  return (await Promise.all(drainKinds.map(ofKind))).flat();
}

export async function readView(target: DrainTarget, options: ReadOptions): Promise<DrainView> {
  const [drained, nodes, pools, launchers] = await Promise.all([
    childrenOf(drainsPath(target.kind), options),
    readNodes(options),
    readComponents('pool', options),
    readComponents('launcher', options),
  ]);
  return { isDrained: drained.includes(target.name), nodes, pools, launchers };
}

/** What is registered, besides the providers of our own configuration. */
export async function readKnown(
  configured: Iterable<string>,
  options: ReadOptions,
): Promise<KnownNames> {
  const [pools, launchers] = await Promise.all([
    readComponents('pool', options),
    readComponents('launcher', options),
  ]);
  return {
    provider: new Set([...configured, ...pools.flatMap((pool) => pool.provider_name ?? [])]),
    launcher: new Set([...launchers, ...pools].map(({ hostname }) => hostname)),
  };
}
