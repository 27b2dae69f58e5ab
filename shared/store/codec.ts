/**
 * Between a znode's bytes and a record. A znode that holds no record of its kind gives the reason
 * instead of an exception: what others write must never stop us.
 */
import type { z } from 'zod';
import { parseExact, stringifyExact } from '../base/exact-json.ts';

export type Decoded<R> = { readonly ok: true; readonly record: R } | { ok: false; reason: string };

/** `schema` must accept every valid record of type R. */
export function decode<R>(schema: z.ZodType, data: Uint8Array): Decoded<R> {
  if (data.length === 0) return { ok: false, reason: 'empty' };
  let result: ReturnType<typeof schema.safeParse>;
  try {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    result = schema.safeParse(parseExact(text));
    // Where the schema wants a number, a rounded one will do.
    if (!result.success) result = schema.safeParse(JSON.parse(text));
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'no JSON' };
  }
  if (result.success) return { ok: true, record: result.data as R };
  const issue = result.error.issues[0];
  return { ok: false, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
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
