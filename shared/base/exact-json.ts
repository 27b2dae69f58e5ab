/**
 * JSON as Python writes it, whose integers have no bounds: what JavaScript's numbers cannot hold is kept
 * digit by digit. Zuul puts 128-bit ids of its traces into `requestor_data`; rounded by us, they would
 * come back to it as other ids, or as numbers with an exponent, which its exporter breaks at.
 */
import { randomUUID } from 'node:crypto';

/** An integer beyond what a number holds exactly. To others than this file it is a rounded number. */
export class ExactInteger {
  /** Decimal, with a sign if it is negative. */
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toJSON(): number | string {
    if (marking === undefined) return Number(this.digits);
    marking.count++;
    return MARK + this.digits;
  }
}

/** Nobody else can know it, so no text from outside begins with it. */
const MARK = `${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');
/** Most texts have no such number, nor a text that looks like one: one quick look tells. */
const LONG = /\d{16}/;
/** Whole texts and whole numbers, so that no part of one is taken for a number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d{16,}$/;

/** Set while `stringifyExact` runs. */
let marking: { count: number } | undefined;

/** @throws SyntaxError as JSON.parse does. */
export function parseExact(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LONG.test(text)) return plain;
  let count = 0;
  const marked = text.replace(TOKENS, (token) => {
    if (!INTEGER.test(token) || Number.isSafeInteger(Number(token))) return token;
    count++;
    return `"${MARK}${token}"`;
  });
  if (count === 0) return plain;
  try {
    return JSON.parse(marked, revive);
  } catch {
    // Nested deeper than a reviver can go: rounded is better than not at all.
    return plain;
  }
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  return new ExactInteger(value.slice(MARK.length));
}

/** As JSON.stringify; what `parseExact` kept comes out as it came in. */
export function stringifyExact(value: object): string {
  marking = { count: 0 };
  try {
    const text = JSON.stringify(value);
    return marking.count === 0 ? text : text.replace(MARKED, '$1');
  } finally {
    marking = undefined;
  }
}
