/**
 * Plain scalars as PyYAML's safe loader reads them: YAML 1.1 with its own patterns, which differ
 * from those of other libraries (`y` and `1e3` are text, `010` is 8, `1:30` is 90).
 *
 * Dates stay text, because no option wants one. Patterns: PyYAML 6, yaml/resolver.py.
 */
export type ScalarValue = string | number | boolean | null;

export const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
export const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
export const NULL = /^(?:~|null|Null|NULL|)$/;
export const INTEGER =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
export const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** What a number can begin with; all else needs no pattern. */
const MAYBE_NUMBER = /^[-+.0-9]/;

export function resolvePlain(source: string): ScalarValue {
  if (MAYBE_NUMBER.test(source)) return toInteger(source) ?? toFloat(source) ?? source;
  return toBoolean(source) ?? (NULL.test(source) ? null : source);
}

export function toBoolean(source: string): boolean | undefined {
  if (TRUE.test(source)) return true;
  return FALSE.test(source) ? false : undefined;
}

export function toInteger(source: string): number | undefined {
  if (!INTEGER.test(source)) return undefined;
  const { sign, digits } = split(source);
  if (digits.startsWith('0b')) return whole(sign, digits.slice(2), 2);
  if (digits.startsWith('0x')) return whole(sign, digits.slice(2), 16);
  if (digits.includes(':')) return sign * sexagesimal(digits);
  if (digits.length > 1 && digits.startsWith('0')) return whole(sign, digits.slice(1), 8);
  return whole(sign, digits, 10);
}

export function toFloat(source: string): number | undefined {
  if (!FLOAT.test(source)) return undefined;
  const { sign, digits } = split(source);
  const lower = digits.toLowerCase();
  if (lower === '.inf') return sign * Infinity;
  if (lower === '.nan') return NaN;
  return sign * (lower.includes(':') ? sexagesimal(lower) : Number(lower));
}

function split(source: string): { sign: 1 | -1; digits: string } {
  const plain = source.replaceAll('_', '');
  return { sign: plain.startsWith('-') ? -1 : 1, digits: plain.replace(/^[-+]/, '') };
}

function whole(sign: 1 | -1, digits: string, base: number): number | undefined {
  const value = Number.parseInt(digits, base);
  if (Number.isNaN(value)) return undefined;
  return value === 0 ? 0 : sign * value;
}

function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
