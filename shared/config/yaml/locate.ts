/**
 * From the path of an option to the offset of its text, through anchors and merge keys.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';

import type { Path } from '../../../schemas/config/kit.ts';
import { resolvePlain } from '../../base/pyyaml-scalar.ts';

/** Merges within merges; more is no configuration. */
const MAX_MERGES = 20;

/** The offset of the value at the path, or of its key; of the last thing on the way that exists. */
export function locate(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const here = resolve(document, node);
    const wantsKey = part === 'key' && index === path.length - 1;
    if (typeof step === 'number') {
      node = isSeq(here) ? here.items[step] : undefined;
    } else {
      const pair = isMap(here) ? findPair(document, here, step, 0) : undefined;
      if (pair === undefined) return offset;
      if (wantsKey) return offsetOf(pair.key) ?? offset;
      // An empty value has its place after the key; the key shows better what is meant.
      node = pair.value ?? pair.key;
      if (isScalar(node) && node.range?.[0] === node.range?.[1]) node = pair.key;
    }
    const next = offsetOf(node);
    if (next === undefined) return offset;
    offset = next;
  }
  return offset;
}

function findPair(
  document: Document.Parsed,
  map: YAMLMap,
  key: string,
  merges: number,
): Pair | undefined {
  const own = map.items.findLast((pair) => keyOf(resolve(document, pair.key)) === key);
  if (own !== undefined || merges > MAX_MERGES) return own;
  for (const pair of map.items) {
    if (keyOf(pair.key) !== '<<') continue;
    const value = resolve(document, pair.value);
    const sources = isSeq(value) ? value.items : [value];
    for (const source of sources) {
      const merged = resolve(document, source);
      const found = isMap(merged) ? findPair(document, merged, key, merges + 1) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const source = String(key.value);
  return key.type === 'PLAIN' ? String(resolvePlain(source)) : source;
}

function resolve(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
