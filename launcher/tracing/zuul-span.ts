/**
 * The span that Zuul has begun for a request and left in it, in the words of its zuul/lib/tracing.py
 * (Zuul 6.4 and later, also where Zuul sends no traces): `requestor_data.span_info` with `trace_id` (128
 * bits), `span_id` (64 bits) and `trace_flags` as integers. Anything else is as good as nothing. Pure.
 */
import { z } from 'zod';

import type { RemoteSpan } from '../../shared/telemetry/tracing/trace.ts';

/** A number, or an ExactInteger of shared/base/exact-json.ts. */
const integerSchema = z.union([
  z.int().transform((value) => BigInt(value)),
  z.object({ digits: z.string().regex(/^-?\d+$/) }).transform(({ digits }) => BigInt(digits)),
]);

const dataSchema = z.object({
  span_info: z.object({
    trace_id: integerSchema,
    span_id: integerSchema,
    trace_flags: z.int().min(0).max(255).default(0),
  }),
});

/** W3C Trace Context: the lowest bit says that the trace is kept. */
const SAMPLED = 1;

export function zuulSpan(requestorData: unknown): RemoteSpan | undefined {
  const parsed = dataSchema.safeParse(requestorData);
  if (!parsed.success) return undefined;
  const { trace_id, span_id, trace_flags } = parsed.data.span_info;
  const traceId = hexadecimal(trace_id, 32);
  const spanId = hexadecimal(span_id, 16);
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, isSampled: (trace_flags & SAMPLED) === SAMPLED };
}

/** Undefined: no id, which is never zero, nor negative, nor longer. */
function hexadecimal(id: bigint, length: number): string | undefined {
  const text = id.toString(16).padStart(length, '0');
  return id > 0n && text.length === length ? text : undefined;
}
