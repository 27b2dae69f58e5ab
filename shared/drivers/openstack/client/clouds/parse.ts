/**
 * Text of a file to plain values, as PyYAML's safe loader and Python's json read it.
 *
 * Only what must stay exact is special: fractions become text as Python prints them (`2.0`, not `2`),
 * and whole numbers too large for JavaScript become text, because project ids may be all digits.
 */
import { LineCounter, parseDocument } from 'yaml';
import type { ScalarTag } from 'yaml';

import {
  FALSE,
  FLOAT,
  INTEGER,
  NULL,
  TRUE,
  toFloat,
  toInteger,
} from '../../../../base/pyyaml-scalar.ts';

const tag = (name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: true,
  test,
  resolve,
});
const tags = [
  tag('bool', TRUE, () => true),
  tag('bool', FALSE, () => false),
  tag('null', NULL, () => null),
  tag('int', INTEGER, integer),
  tag('float', FLOAT, (text) => pythonFloat(toFloat(text) ?? NaN)),
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

/** Exact, also where JavaScript's numbers are not. */
function integer(source: string): number | string {
  const value = toInteger(source);
  return value === undefined || Number.isSafeInteger(value) ? (value ?? source) : exactly(source);
}

function exactly(source: string): string {
  const text = source.replaceAll('_', '');
  const digits = text.replace(/^[-+]/, '');
  const size = digits.includes(':')
    ? digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
    : BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return String(text.startsWith('-') ? -size : size);
}

function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase();
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4))
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
