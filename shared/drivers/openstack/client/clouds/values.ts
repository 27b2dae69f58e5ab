/**
 * Plain values, as they come from files and the environment.
 */
import { ConfigError } from '../../../../base/errors.ts';

export type Plain = Record<string, unknown>;

/** Of which entry is spoken. */
export interface Entry {
  readonly cloud: string;
  /** The file; undefined: it was made from the environment. */
  readonly file: string | undefined;
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error about an entry. The message must name options only, never their values: secrets. */
export function wrong({ cloud, file }: Entry, message: string, hint?: string): ConfigError {
  const text = `cloud '${cloud}' (${file ?? 'environment variables'}): ${message}`;
  return new ConfigError('NP_CONFIG_INVALID', text, hint === undefined ? {} : { hint });
}

/** As Python prints it, because that is what is sent to the cloud. Undefined for nothing. */
export function asText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      return undefined;
  }
}

/** What openstacksdk takes for true: `true` itself and the word in any case. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/**
 * openstacksdk takes any text for true, even `"false"`, which comes in quotes or from the environment.
 * Here the words for false are false.
 */
export function isSet(value: unknown): boolean {
  if (typeof value === 'string') return !/^(?:|0|no|off|false|none)$/i.test(value);
  return Boolean(value);
}

/** The second over the first; mappings within are merged, too. */
export function mergeDeep(below: Plain, above: Plain): Plain {
  const merged: Plain = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = merged[key];
    merged[key] = isPlain(value) && isPlain(old) ? mergeDeep(old, value) : value;
  }
  return merged;
}

/** Without some of its keys. */
export function omit(config: Plain, ...keys: readonly string[]): Plain {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
}

/** Dashes in keys become underscores, whole numbers text; the later of equal keys is taken. */
export function normalise(config: Plain): Plain {
  const normal: Plain = {};
  for (const [dashed, value] of Object.entries(config)) {
    const key = dashed.replaceAll('-', '_');
    if (isPlain(value)) normal[key] = normalise(value);
    else normal[key] = typeof value === 'number' && key !== 'api_timeout' ? String(value) : value;
  }
  return normal;
}
