/**
 * How a message names what was found, without ever showing a secret.
 */
import type { Path } from '../../schemas/config/kit.ts';
import { printable } from './problem.ts';

/** Options whose values are, or may hold, secrets, at whatever depth they stand. */
const SECRET =
  /passw|secret|token|(?:^|[-_])keys?$|env-vars|^env$|user-?data|custom-data|credential/i;

/** Longer texts are rather data than a word that is misspelt. */
const MAX_SHOWN = 40;

export interface Hiding {
  /** The option is secret by its definition. */
  readonly isSecret?: boolean;
  /** Texts that came from the environment. */
  readonly secrets?: readonly string[];
}

/** As `text "abc"`, `the number 3`, `a list`. */
export function describeFound(value: unknown, path: Path, hiding: Hiding = {}): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const isHidden =
    hiding.isSecret === true ||
    path.some((part) => typeof part === 'string' && SECRET.test(part)) ||
    (typeof value === 'string' && holdsSecret(value, hiding.secrets ?? []));
  if (typeof value === 'boolean') return isHidden ? 'a boolean' : String(value);
  if (typeof value === 'number') return isHidden ? 'a number' : `the number ${value}`;
  if (typeof value !== 'string' || isHidden || value.length > MAX_SHOWN) return 'a text';
  return `text "${printable(value)}"`;
}

/** Whether a text holds one of those that came from the environment. */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text.includes(secret));
}
