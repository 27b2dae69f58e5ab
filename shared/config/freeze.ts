/**
 * Freezing in depth, maps included: a configuration is shared by everything and changed by nothing.
 */
export function deepFreeze<T>(value: T): T {
  freeze(value, new Set());
  return value;
}

const refuse = (): never => {
  throw new TypeError('the configuration cannot be changed');
};

function freeze(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) {
    for (const one of value.values()) freeze(one, seen);
    // Object.freeze leaves the entries of a map open.
    for (const name of ['set', 'delete', 'clear'])
      Object.defineProperty(value, name, { value: refuse });
  } else {
    for (const one of Object.values(value)) freeze(one, seen);
  }
  Object.freeze(value);
}
