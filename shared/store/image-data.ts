/**
 * Puts pauses, builds and uploads of disk images into ZooKeeper as they stood elsewhere or earlier. No
 * locks: no builder should run meanwhile. May be done again, also after an error in the middle.
 */
import { isNodeExists, isNoNode } from '../zookeeper/errors.ts';
import { parentOf } from '../zookeeper/paths.ts';
import { ANY_VERSION } from '../zookeeper/types.ts';
import type { CallOptions, MultiOp, ZooKeeper } from '../zookeeper/types.ts';
import { idOf } from './paths.ts';

export interface ImageZnode {
  readonly path: string;
  readonly data: Buffer;
}

/** The build of each upload has to be among the builds. */
export interface ImageData {
  readonly pauses: readonly ImageZnode[];
  readonly builds: readonly ImageZnode[];
  readonly uploads: readonly ImageZnode[];
}

/**
 * What stands there is replaced, what is not in the data stays. An upload that is made later gets a
 * number above those of the data.
 */
export async function importImageData(
  client: ZooKeeper,
  data: ImageData,
  options: CallOptions = {},
): Promise<void> {
  for (const znode of [...data.pauses, ...data.builds]) {
    await client.ensurePath(parentOf(znode.path), options);
    await put(client, znode, options);
  }
  for (const [parent, highest] of highestNumbers(data.uploads)) {
    await client.ensurePath(parent, options);
    await countBeyond(client, { parent, highest }, options);
  }
  for (const znode of data.uploads) await put(client, znode, options);
}

async function put(
  client: ZooKeeper,
  { path, data }: ImageZnode,
  options: CallOptions,
): Promise<void> {
  const found = await dataOf(client, path, options);
  if (found?.equals(data)) return;
  if (found === undefined) {
    try {
      await client.create(path, data, options);
      return;
    } catch (error) {
      if (!isNodeExists(error)) throw error;
    }
  }
  await client.set(path, data, ANY_VERSION, options);
}

async function dataOf(
  client: ZooKeeper,
  path: string,
  options: CallOptions,
): Promise<Buffer | undefined> {
  try {
    return (await client.get(path, options)).data;
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}

/** By the place of the uploads. */
function highestNumbers(uploads: readonly ImageZnode[]): Map<string, number> {
  const highest = new Map<string, number>();
  for (const { path } of uploads) {
    const parent = parentOf(path);
    highest.set(parent, Math.max(highest.get(parent) ?? 0, Number(idOf(path))));
  }
  return highest;
}

/** A transaction of this size stays far below what a server takes. */
const STEPS_AT_ONCE = 500;

/**
 * Moves the counter that numbers sequential children of a znode beyond a number: it counts the children
 * that were ever created, under whatever name. Each step creates one and deletes it in the same
 * transaction, so that nobody sees it and an interruption leaves nothing behind.
 */
async function countBeyond(
  client: ZooKeeper,
  { parent, highest }: { readonly parent: string; readonly highest: number },
  options: CallOptions,
): Promise<void> {
  const stat = await client.exists(parent, options);
  // `cversion` counts creations and deletions together (org.apache.zookeeper.server.DataNode, copyStat).
  const next = stat === undefined ? 0 : (stat.cversion + stat.numChildren) / 2;
  const path = `${parent}/step`;
  for (let missing = highest + 1 - next; missing > 0; missing -= STEPS_AT_ONCE) {
    const steps = Array.from({ length: Math.min(missing, STEPS_AT_ONCE) });
    const ops = steps.flatMap((): MultiOp[] => [
      { op: 'create', path },
      { op: 'delete', path },
    ]);
    await client.multi(ops, options);
  }
}
