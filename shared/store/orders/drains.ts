/**
 * Drains a provider or a launcher, and ends it. No cache and no lock: the order is a znode, and the
 * launchers do the rest. May be given again after an error.
 */
import type { DrainKind, DrainRecord } from '../../../schemas/records/drain.ts';
import { isNodeExists } from '../../zookeeper/errors.ts';
import type { CallOptions, ZooKeeper } from '../../zookeeper/types.ts';
import { encode } from '../codec.ts';
import { drainPath, drainsPath } from '../paths.ts';

/** `already`: it was drained before, and keeps who did it and since when. */
export async function drain(
  client: ZooKeeper,
  { kind, name }: { readonly kind: DrainKind; readonly name: string },
  record: DrainRecord,
  options: CallOptions = {},
): Promise<'done' | 'already'> {
  await client.ensurePath(drainsPath(kind), options);
  try {
    await client.create(drainPath(kind, name), encode(record), options);
    return 'done';
  } catch (error) {
    if (isNodeExists(error)) return 'already';
    throw error;
  }
}

/** `not-drained`: nothing was to be done. */
export async function endDrain(
  client: ZooKeeper,
  { kind, name }: { readonly kind: DrainKind; readonly name: string },
  options: CallOptions = {},
): Promise<'done' | 'not-drained'> {
  const path = drainPath(kind, name);
  if (!(await client.exists(path, options))) return 'not-drained';
  await client.deleteTree(path, options);
  return 'done';
}
