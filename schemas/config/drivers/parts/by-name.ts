import type { Path } from '../../kit.ts';
import type { ReadContext } from '../section.ts';

/** Items by name; the last of a name wins, as in Python Nodepool, and the others are reported. */
export function byName<T extends { readonly name: string }>(
  items: readonly T[],
  path: Path,
  context: Pick<ReadContext, 'warn'>,
): Map<string, T> {
  const map = new Map<string, T>();
  const places = new Map<string, number>();
  items.forEach((item, index) => {
    const before = places.get(item.name);
    if (before !== undefined)
      context.warn(
        [...path, before],
        `is replaced by a later entry of the same name, ${item.name}`,
      );
    places.set(item.name, index);
    map.set(item.name, item);
  });
  return map;
}
