/**
 * The ids of a request's trace. They follow from the request alone, so that what several launchers,
 * one after the other, did for it is one trace, though they never talk about it. Pure.
 */
import { createHash } from 'node:crypto';

import type { RequestRecord } from '../../schemas/records/request.ts';
import type { RemoteSpan } from '../../shared/telemetry/tracing/trace.ts';
import { zuulSpan } from './zuul-span.ts';

export interface TraceIds {
  readonly traceId: string;
  /** Zuul's span for the request, where it has one. */
  readonly parent: RemoteSpan | undefined;
  /** Of the span that is the whole request. */
  readonly rootId: string;
}

/** Zuul's event ids, with and without hyphens. */
const UUID = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;

/**
 * Without a span of Zuul's the event's id is the trace's id, as it is a UUID: who knows the one has found
 * the other.
 */
export function traceIds(
  id: string,
  record: Pick<RequestRecord, 'event_id' | 'requestor_data' | 'created_time'>,
): TraceIds {
  const { event_id, created_time, requestor_data } = record;
  const parent = zuulSpan(requestor_data);
  // A request's number comes again when ZooKeeper is set up anew.
  const key = `${id} ${created_time ?? ''} ${event_id ?? ''}`;
  const own = event_id === null ? digest(key, 32) : idOfEvent(event_id);
  return { traceId: parent?.traceId ?? own, parent, rootId: digest(`root ${key}`, 16) };
}

function idOfEvent(event: string): string {
  const digits = UUID.test(event) ? event.replaceAll('-', '').toLowerCase() : '';
  return /[1-9a-f]/.test(digits) ? digits : digest(event, 32);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
