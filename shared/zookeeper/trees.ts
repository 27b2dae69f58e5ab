/** What takes several calls: making all of a path, deleting all below one. */
import { ANY_VERSION } from './types.ts';
import type { CallOptions, ZooKeeper } from './types.ts';
import { isNodeExists, isNoNode, isNotEmpty } from './errors.ts';
import { childOf } from './paths.ts';

interface MakingCalls {
  exists(path: string): Promise<unknown>;
  create(path: string): Promise<unknown>;
}

/** Two round trips at most: all missing levels are sent together, and the server keeps the order. */
export async function ensurePath(zk: MakingCalls, path: string): Promise<void> {
  if ((await zk.exists(path)) !== undefined) return;
  const results = await Promise.allSettled(levelsOf(path).map((level) => zk.create(level)));
  const last = results.at(-1);
  if (last?.status !== 'rejected' || isNodeExists(last.reason)) return;
  // The first failure is the cause of those below it.
  const first = results.find((one) => one.status === 'rejected' && !isNodeExists(one.reason));
  throw first?.status === 'rejected' ? first.reason : last.reason;
}

/** `/a/b` gives `/a`, `/a/b`. */
function levelsOf(path: string): string[] {
  const names = path.split('/').slice(1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

/** How often a tree is walked again because somebody adds to it meanwhile. */
const MAX_WALKS = 10;
/** How many calls are under way at once. */
const BATCH = 500;

type DeletingCalls = Pick<ZooKeeper, 'delete' | 'children'>;

export async function deleteTree(
  zk: DeletingCalls,
  path: string,
  options: CallOptions = {},
): Promise<void> {
  for (let walk = 1; ; walk++) {
    const levels = await walkTree(zk, path, options);
    try {
      for (const level of levels.reverse()) {
        await inBatches(level, (one) => ignoring(isNoNode, zk.delete(one, ANY_VERSION, options)));
      }
      return;
    } catch (error) {
      if (!isNotEmpty(error) || walk === MAX_WALKS) throw error;
    }
  }
}

/** All paths of a tree, one list a depth. */
async function walkTree(
  zk: DeletingCalls,
  path: string,
  options: CallOptions,
): Promise<string[][]> {
  const levels: string[][] = [];
  for (let level = [path]; level.length > 0;) {
    levels.push(level);
    const below: string[] = [];
    await inBatches(level, async (parent) => {
      const listed = await ignoring(isNoNode, zk.children(parent, options));
      for (const name of listed?.children ?? []) below.push(childOf(parent, name));
    });
    level = below;
  }
  return levels;
}

async function inBatches(items: readonly string[], work: (item: string) => Promise<unknown>) {
  for (let at = 0; at < items.length; at += BATCH) {
    await Promise.all(items.slice(at, at + BATCH).map(work));
  }
}

async function ignoring<T>(
  test: (error: unknown) => boolean,
  promise: Promise<T>,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (test(error)) return undefined;
    throw error;
  }
}
