/**
 * Text of a file to plain values, as PyYAML's safe loader and Python's json read it.
 *
 * Only what must stay exact is special: fractions become text as Python prints them (`2.0`, not `2`),
 * and whole numbers too large for JavaScript become text, because project ids may be all digits.
 */
import { LineCounter, parseDocument } from 'yaml';
import type { ScalarTag } from 'yaml';

/** Patterns: PyYAML 6, yaml/resolver.py. */
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

const tag = (name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: true,
  test,
  resolve,
});
const tags = [
  tag('bool', BOOLEAN, (text) => TRUE.test(text)),
  tag('null', NULL, () => null),
  tag('int', INTEGER, integer),
  tag('float', FLOAT, (text) => pythonFloat(float(text))),
];

/** What is wrong with the text, in words that hold nothing of it: it may be a password. */
export class UnreadableText extends Error {}

export function parseText(text: string, kind: 'yaml' | 'json'): unknown {
  return kind === 'json' ? parseJson(text) : parseYaml(text);
}

function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    customTags: (known) => [...known, ...tags],
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    // 'silent' would take the first of several documents.
    logLevel: 'error',
    lineCounter,
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined)
    throw new UnreadableText(`line ${lineCounter.linePos(problem.pos[0]).line} is no valid YAML`);
  try {
    return document.toJS();
  } catch {
    // An alias of nothing, or too many of them.
    throw new UnreadableText('it is no valid YAML: an alias leads nowhere, or to too much');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? pythonFloat(value) : value,
    );
  } catch {
    // The reason is left out: the parser quotes the text.
    throw new UnreadableText('it is no valid JSON');
  }
}

function integer(source: string): number | string {
  const text = source.replaceAll('_', '');
  const digits = text.replace(/^[-+]/, '');
  const size = digits.includes(':')
    ? digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
    : BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = text.startsWith('-') ? -size : size;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function float(source: string): number {
  const text = source.replaceAll('_', '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return sign * Infinity;
  if (digits === '.nan') return NaN;
  return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase();
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4))
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
