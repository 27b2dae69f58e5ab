/**
 * A quick look at a record before zod is asked. Nearly all that launchers and schedulers write is as its
 * schema wants it, and zod makes several objects for each field to find that out: with thousands of nodes
 * that is a tenth of a start.
 */
import type { z } from 'zod';

/** Whether the schema would give this very value back. False, too, where a quick look cannot tell. */
export type Look = (value: unknown) => boolean;

/** Schemas that change some values, with what they leave as it is. */
const unchanged = new WeakMap<z.ZodType, z.ZodType>();

/** For a schema with a transformation: what `kept` accepts, it must give back as it is. */
export function keeping<S extends z.ZodType>(kept: z.ZodType, schema: S): S {
  unchanged.set(schema, kept);
  return schema;
}

/**
 * Of a loose object: whether it accepts a value parsed from JSON, which gets the defaults of the keys that it
 * lacks. Where the answer is false zod must be asked; defaults may have been set even so.
 */
export function lookAtRecord(schema: z.ZodObject): Look {
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => ({
    ...{ key, look: lookAt(field), isOptional: field.type === 'optional' },
    standard: field as Partial<z.ZodDefault>,
  }));
  return (value) =>
    isPlainObject(value) &&
    fields.every(({ key, look, isOptional, standard }) => {
      if (Object.hasOwn(value, key)) return look(value[key]);
      if (standard.type !== 'default') return isOptional;
      value[key] = standard.def?.defaultValue;
      return true;
    });
}

/** What this reads of zod's definitions. */
interface Definition {
  readonly type: string;
  readonly checks?: readonly unknown[];
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, unknown>>;
}

const never: Look = () => false;

const LOOKS: Readonly<Record<string, (definition: Definition) => Look>> = {
  unknown: () => () => true,
  string: () => (value) => typeof value === 'string',
  // 1e999 is JSON, and no number for zod.
  number: () => (value) => Number.isFinite(value),
  boolean: () => (value) => typeof value === 'boolean',
  null: () => (value) => value === null,
  enum: ({ entries = {} }) => {
    const known = new Set<unknown>(Object.values(entries));
    return (value) => known.has(value);
  },
  nullable: ({ innerType }) => {
    const look = lookAt(innerType);
    return (value) => value === null || look(value);
  },
  default: ({ innerType }) => lookAt(innerType),
  optional: ({ innerType }) => lookAt(innerType),
  array: ({ element }) => {
    const look = lookAt(element);
    return (value) => Array.isArray(value) && value.every(look);
  },
  record: ({ keyType, valueType }) => {
    if (keyType?.type !== 'string') return never;
    const look = lookAt(valueType);
    return (value) => isPlainObject(value) && Object.values(value).every(look);
  },
  union: ({ options = [] }) => {
    const looks = options.map(lookAt);
    return (value) => looks.some((look) => look(value));
  },
};

function lookAt(schema: z.ZodType | undefined): Look {
  if (schema === undefined) return never;
  const kept = unchanged.get(schema);
  if (kept !== undefined) return lookAt(kept);
  const definition: Definition = schema.def;
  if ((definition.checks?.length ?? 0) > 0) return never;
  return LOOKS[definition.type]?.(definition) ?? never;
}

/** zod leaves out a key of this name, wherever it looks into an object. */
const LEFT_OUT = '__proto__';

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    !Object.hasOwn(value, LEFT_OUT)
  );
}
