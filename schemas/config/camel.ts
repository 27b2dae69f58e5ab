/**
 * Options of a section under names for the programs: `subnet-id` becomes `subnetId`.
 */
type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

export type CamelKeys<T> = { readonly [Key in keyof T & string as Camel<Key>]: T[Key] };

/** Only the section's own keys: what the values hold is the operator's. */
export function camelKeys<T extends object>(section: T): CamelKeys<T> {
  const entries = Object.entries(section).map(([name, value]) => [
    name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    value as unknown,
  ]);
  // The names are made by the same rule as the type's.
  return Object.fromEntries(entries) as CamelKeys<T>;
}

/** The section without the options named. */
export function without<T extends object, K extends keyof T>(
  section: T,
  ...names: K[]
): Omit<T, K> {
  const rest = { ...section };
  for (const name of names) Reflect.deleteProperty(rest, name);
  return rest;
}
