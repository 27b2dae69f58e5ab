/**
 * Freezing in depth, maps included: a configuration is shared by everything and changed by nothing.
 */
export function deepFreeze<T>(value: T): T {
  freeze(value, new Set());
  return value;
}

/** Only the object, or the map with its entries; what is in it stays as it is. */
export function freezeOne<T extends object>(value: T): T {
  // A driver from outside may share what it froze itself.
  if (Object.isFrozen(value)) return value;
  // Object.freeze leaves the entries of a map open.
  if (value instanceof Map)
    for (const name of ['set', 'delete', 'clear'])
      Object.defineProperty(value, name, { value: refuse });
  return Object.freeze(value);
}

const refuse = (): never => {
  throw new TypeError('the configuration cannot be changed');
};

function freeze(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const parts: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
  for (const one of parts) freeze(one, seen);
  freezeOne(value);
}
