/**
 * Between a znode's bytes and a record. A znode that holds no record of its kind gives the reason
 * instead of an exception: what others write must never stop us.
 */
import { z } from 'zod';

import { lookAtRecord, type Look } from '../../schemas/records/as-is.ts';
import { parseExact, stringifyExact } from '../base/exact-json.ts';

export type Decoded<R> = { readonly ok: true; readonly record: R } | { ok: false; reason: string };

const looks = new WeakMap<z.ZodType, Look>();

/** `schema` must accept every valid record of type R. */
export function decode<R>(schema: z.ZodType, data: Uint8Array): Decoded<R> {
  if (data.length === 0) return { ok: false, reason: 'empty' };
  let result: ReturnType<typeof schema.safeParse>;
  try {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    const value = parseExact(text);
    if (lookFor(schema)(value)) return { ok: true, record: value as R };
    result = schema.safeParse(value);
    // Where the schema wants a number, a rounded one will do.
    if (!result.success) result = schema.safeParse(JSON.parse(text));
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'no JSON' };
  }
  if (result.success) return { ok: true, record: result.data as R };
  const issue = result.error.issues[0];
  return { ok: false, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
}

function lookFor(schema: z.ZodType): Look {
  let look = looks.get(schema);
  if (look === undefined) {
    look = schema instanceof z.ZodObject ? lookAtRecord(schema) : () => false;
    looks.set(schema, look);
  }
  return look;
}

export function encode(record: object): Buffer {
  return Buffer.from(stringifyExact(record));
}

/** With keys in order, as components are written. */
export function encodeSorted(record: Readonly<Record<string, unknown>>): Buffer {
  const sorted = Object.fromEntries(
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return Buffer.from(JSON.stringify(sorted));
}
