/**
 * Walking through zod schemas, beside the values that they describe.
 */
import { z } from 'zod';

import { factsOf } from '../../schemas/config/kit.ts';
import type { Facts, Path } from '../../schemas/config/kit.ts';

export type Schema = z.core.$ZodType;

export interface Unwrapped {
  readonly inner: Schema;
  /** Of the type and of all wrappers around it. */
  readonly facts: Facts;
  readonly isOptional: boolean;
  /** Null means something. */
  readonly isNullable: boolean;
}

/** The type within optional and default wrappers. */
export function unwrap(schema: Schema): Unwrapped {
  let inner = schema;
  let facts = factsOf(inner);
  let isOptional = false;
  let isNullable = false;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable
  ) {
    if (inner instanceof z.ZodNullable) isNullable = true;
    else isOptional = true;
    inner = inner.unwrap();
    facts = { ...factsOf(inner), ...facts };
  }
  return { inner, facts, isOptional, isNullable };
}

export function shapeOf(schema: z.ZodObject): Readonly<Record<string, Schema>> {
  return schema.shape;
}

/** The schema of a part; undefined where none is known. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let current: Schema | undefined = schema;
  for (const step of path) {
    if (current === undefined) return undefined;
    current = child(unwrap(current).inner, step);
  }
  return current;
}

function child(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (!(schema instanceof z.ZodObject)) return undefined;
  const shape = shapeOf(schema);
  return Object.hasOwn(shape, step) ? shape[step] : schema.def.catchall;
}

/** Any value that the schema takes. Undefined: leave it out. */
export function placeholder(schema: Schema): unknown {
  const { inner, isOptional } = unwrap(schema);
  if (isOptional) return undefined;
  if (inner instanceof z.ZodString) return '';
  if (inner instanceof z.ZodNumber) return 0;
  if (inner instanceof z.ZodBoolean) return false;
  if (inner instanceof z.ZodArray) return [];
  if (inner instanceof z.ZodRecord) return {};
  if (inner instanceof z.ZodEnum) return inner.options[0];
  if (inner instanceof z.ZodUnion) return placeholder(firstOf(inner));
  if (!(inner instanceof z.ZodObject)) return undefined;
  const parts = Object.entries(shapeOf(inner)).map(
    ([key, one]) => [key, placeholder(one)] as const,
  );
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}

function firstOf(union: z.ZodUnion): Schema {
  const [first] = union.options as readonly Schema[];
  return first ?? z.unknown();
}
