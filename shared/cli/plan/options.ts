/**
 * Which options of a section differ, by their places: `pools[main].labels[small].min-ram`. Never their
 * values, which may be secret. Pure.
 */
import { isDeepStrictEqual } from 'node:util';

/** Empty: the two are deeply equal. Entries of lists are known by their `name`, where all have one. */
export function changedOptions(before: unknown, after: unknown): string[] {
  return differing(before, after, '');
}

function differing(before: unknown, after: unknown, at: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [left, right] = [entriesOf(before), entriesOf(after)];
  if (left === undefined || left.isList !== right?.isList) return [at];
  const keys = new Set([...left.values.keys(), ...right.values.keys()]);
  const found = [...keys].flatMap((key) =>
    differing(left.values.get(key), right.values.get(key), placeOf(at, key, left.isList)),
  );
  // The order of a list has changed, or two entries have one name.
  return found.length > 0 ? found : [at];
}

function placeOf(at: string, key: string, isList: boolean): string {
  if (isList) return `${at}[${key}]`;
  return at === '' ? key : `${at}.${key}`;
}

interface Entries {
  readonly isList: boolean;
  readonly values: ReadonlyMap<string, unknown>;
}

/** Undefined: a value of its own. */
function entriesOf(value: unknown): Entries | undefined {
  if (Array.isArray(value)) {
    const names = value.map(nameOf);
    if (names.some((name) => name === undefined)) return undefined;
    return { isList: true, values: new Map(value.map((one, at) => [names[at] ?? '', one])) };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Map)
    return { isList: false, values: new Map([...value].map(([key, one]) => [String(key), one])) };
  return { isList: false, values: new Map(Object.entries(value)) };
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('name' in entry)) return undefined;
  return typeof entry.name === 'string' ? entry.name : undefined;
}
