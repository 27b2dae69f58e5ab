/** The answer to an own write, in the words of the tree cache. */
import type { OwnWrite } from '../zookeeper/tree-cache.ts';
import type { MultiResult } from '../zookeeper/types.ts';

/** Nothing where the write was not done. */
export function written(
  path: string,
  data: Buffer,
  result: MultiResult | undefined,
): readonly OwnWrite[] {
  return result?.op === 'set' ? [{ path, data, stat: result.stat }] : [];
}
