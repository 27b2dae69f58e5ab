/**
 * Values as they stand in the file, made fit for their schema: what the daemons of Python Nodepool
 * read, though it is not what the schema says, is turned into it and reported as `strict`.
 *
 * - unknown options are left out, with a suggestion;
 * - null is the same as absent, except where the original's loader breaks on it;
 * - numbers become text and back, any value becomes true or false as Python sees it;
 * - the rules of `kit.ts` about several options are checked.
 * What still does not fit afterwards is an error, and zod's to find.
 */
import { z } from 'zod';

import type { Facts, Path } from '../../schemas/config/kit.ts';
import { describeFound } from './found.ts';
import { isMapping } from './mapping.ts';
import type { Mapping } from './mapping.ts';
import type { Severity } from './problem.ts';
import { shapeOf, unwrap } from './schema-walk.ts';
import { suggest } from './suggestion.ts';
import { toFloat, toInteger } from '../base/pyyaml-scalar.ts';

export type Sink = (finding: {
  readonly severity: Severity;
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
}) => void;

interface Scope {
  readonly sink: Sink;
  /** Texts from the environment, not to be shown. */
  readonly secrets: readonly string[];
}

export function normalise(schema: z.core.$ZodType, value: unknown, scope: Scope): unknown {
  return visit(schema, value, [], scope);
}

/** Undefined: to be left out. */
function visit(schema: z.core.$ZodType, value: unknown, path: Path, scope: Scope): unknown {
  const { inner, facts, isOptional, isNullable } = unwrap(schema);
  if (value === null && isNullable) return null;
  if (value === null && isOptional) {
    dropNull(inner, facts, path, scope);
    return;
  }
  if (inner instanceof z.ZodObject) return visitObject(inner, facts, value, { path, scope });
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return value.map((item: unknown, index) => visit(inner.element, item, [...path, index], scope));
  if (inner instanceof z.ZodRecord && isMapping(value))
    return mapValues(value, (key, one) => visit(inner.valueType, one, [...path, key], scope));
  if (inner instanceof z.ZodUnion) return visitUnion(inner, value, path, scope);
  if (value === Infinity && isOptional && facts.isWhole === true) {
    scope.sink(strict(path, 'is infinite, which is the same as leaving it out'));
    return undefined;
  }
  return visitScalar(inner, facts, value, { path, scope });
}

function dropNull(inner: z.core.$ZodType, facts: Facts, path: Path, scope: Scope): undefined {
  const severity = facts.mustNotBeEmpty === true ? 'error' : 'strict';
  const wanted =
    inner instanceof z.ZodArray ? 'a list' : inner instanceof z.ZodRecord ? 'a mapping' : 'a value';
  scope.sink({
    severity,
    path,
    part: 'key',
    message: `is empty: give it ${wanted} or leave it out`,
  });
  return undefined;
}

interface Where {
  readonly path: Path;
  readonly scope: Scope;
}

function visitObject(schema: z.ZodObject, facts: Facts, value: unknown, where: Where): unknown {
  if (!isMapping(value)) return value;
  const { path, scope } = where;
  const shape = shapeOf(schema);
  const result: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    const known = Object.hasOwn(shape, key) ? shape[key] : schema.def.catchall;
    if (known === undefined || known instanceof z.ZodNever) {
      reportUnknown(key, Object.keys(shape), where);
      continue;
    }
    const ignored = unwrap(known).facts.ignored;
    if (ignored !== undefined)
      scope.sink({
        severity: 'warning',
        path: [...path, key],
        part: 'key',
        message: `has no effect: ${ignored}`,
      });
    const read = visit(known, one, [...path, key], scope);
    if (read !== undefined) result[key] = read;
  }
  for (const [key, one] of Object.entries(shape)) {
    if (result[key] !== undefined || unwrap(one).facts.isDemanded !== true) continue;
    scope.sink(strict([...path, key], 'is missing; config-validate wants it'));
  }
  facts.check?.(result, (rest, message) => {
    scope.sink(strict([...path, ...rest], message));
  });
  return result;
}

function reportUnknown(key: string, known: readonly string[], { path, scope }: Where): void {
  const near = suggest(key, known);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  scope.sink({
    severity: 'strict',
    path: [...path, key],
    part: 'key',
    message: `is no option that is known here${hint}`,
  });
}

/** The member of the union that a value of its kind can belong to. */
function visitUnion(schema: z.ZodUnion, value: unknown, path: Path, scope: Scope): unknown {
  const { options } = schema;
  const member = Array.isArray(value)
    ? options.find((one) => one instanceof z.ZodArray)
    : isMapping(value)
      ? options.find((one) => one instanceof z.ZodObject || one instanceof z.ZodRecord)
      : options.find((one) => one instanceof z.ZodString || one instanceof z.ZodNumber);
  return member === undefined ? value : visit(member, value, path, scope);
}

function visitScalar(inner: z.core.$ZodType, facts: Facts, value: unknown, where: Where): unknown {
  if (inner instanceof z.ZodString) return toText(facts, value, where);
  if (inner instanceof z.ZodNumber) return toNumber(facts, value, where);
  if (inner instanceof z.ZodBoolean) return toFlag(value, where);
  return value;
}

function toText(facts: Facts, value: unknown, { path, scope }: Where): unknown {
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  if (typeof value === 'number' && facts.isNumberFine === true) return text;
  const found = describeFound(value, path, hiding(facts, scope));
  scope.sink(strict(path, `is ${found}, where text is wanted: put it in quotes`));
  return text;
}

function toNumber(facts: Facts, value: unknown, { path, scope }: Where): unknown {
  const found = (): string => describeFound(value, path, hiding(facts, scope));
  const wanted = facts.isWhole === true ? 'a whole number' : 'a number';
  if (typeof value === 'boolean') {
    scope.sink({
      severity: 'warning',
      path,
      part: 'value',
      message: `is ${found()}, where ${wanted} is wanted`,
    });
    return value ? 1 : 0;
  }
  if (typeof value === 'string') {
    const number = toInteger(value) ?? toFloat(value);
    if (number === undefined) return value;
    if (facts.isWhole === true)
      scope.sink(strict(path, `is ${found()}, where ${wanted} is wanted: leave out the quotes`));
    return number;
  }
  if (facts.isWhole === true && typeof value === 'number' && !Number.isInteger(value))
    scope.sink(strict(path, `is ${found()}, where a whole number is wanted`));
  return value;
}

function toFlag(value: unknown, { path, scope }: Where): unknown {
  if (typeof value === 'boolean') return value;
  const isTrue = isTruthy(value);
  scope.sink(
    strict(
      path,
      `is ${describeFound(value, path, scope)}, where true or false is wanted: it counts as ${isTrue}`,
    ),
  );
  return isTrue;
}

/** As Python sees it: empty is false, all else, `"false"` too, is true. */
function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMapping(value)) return Object.keys(value).length > 0;
  return value !== null && value !== '' && value !== 0;
}

function hiding(facts: Facts, scope: Scope): { isSecret: boolean; secrets: readonly string[] } {
  return { isSecret: facts.isSecret === true, secrets: scope.secrets };
}

function strict(path: Path, message: string): Parameters<Sink>[0] {
  return { severity: 'strict', path, part: 'value', message };
}

function mapValues(value: Mapping, read: (key: string, one: unknown) => unknown): Mapping {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, read(key, one)]));
}
