/**
 * What is known of a request, as spans. Pure.
 *
 *   NodeRequest                      from the request's creation to its end
 *     Waiting                        until a pool took it
 *     Serving                        by one pool
 *       Taking                       its lock, and the records of its nodes
 *       Node                         one for each label
 *         Creating, WaitingForAddress, ScanningHostKeys, ...   the phases, once for each attempt
 *
 * A request that one pool hands back and another serves has several of Waiting and Serving. Who sees it
 * end sends NodeRequest; until then the others' spans name it as their parent by its id.
 */
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { SpanData, TraceData } from '../../shared/telemetry/tracing/trace.ts';
import type { ServeResult } from '../requests/job.ts';
import { nodeSpan, type NodeHistory } from './node-span.ts';
import { traceIds } from './ids.ts';

/** A request, as far as its trace shows it. */
export interface TracedRequest {
  readonly id: string;
  /** Creation of its znode, in milliseconds since 1970. */
  readonly ctimeMs: number;
  readonly record: Pick<
    RequestRecord,
    | 'state_time'
    | 'node_types'
    | 'requestor'
    | 'requestor_data'
    | 'event_id'
    | 'created_time'
    | 'tenant_name'
  >;
}

/** How one pool served a request. Times in Unix seconds. */
export interface ServedHistory {
  readonly request: TracedRequest;
  readonly provider: string;
  readonly pool: string;
  /** When the pool accepted it. */
  readonly since: number;
  readonly until: number;
  readonly result: ServeResult;
  readonly nodes: readonly NodeHistory[];
}

/** Undefined: another was quicker, and tells of it. */
export function servedTrace(history: ServedHistory): TraceData | undefined {
  const { request, since, until, result, provider, pool, nodes } = history;
  if (result === 'not-taken') return undefined;
  const isEnd = result === 'fulfilled' || result === 'gone';
  const children = [
    waitingSpan(request, since),
    {
      name: 'Serving',
      start: since,
      end: until,
      attributes: { provider, pool, result, nodes: idsOf(nodes) },
      problem: problemOf(history),
      children: [takingSpan(history), ...nodes.map((node) => nodeSpan(node, since, until))],
    },
  ];
  return traceOf(request, {
    end: isEnd ? until : undefined,
    attributes: isEnd
      ? { state: result === 'gone' ? 'canceled' : result, provider, pool, nodes: idsOf(nodes) }
      : {},
    children,
  });
}

/** The end of a request that nobody could serve. */
export function failedTrace(request: TracedRequest, wasWaiting: boolean, at: number): TraceData {
  return traceOf(request, {
    end: at,
    attributes: { state: 'failed' },
    problem: 'every pool has declined the request',
    children: wasWaiting ? [waitingSpan(request, at)] : [],
  });
}

/** The end of a request that its requestor took back while it waited. */
export function canceledTrace(request: TracedRequest, at: number): TraceData {
  return traceOf(request, {
    end: at,
    attributes: { state: 'canceled' },
    children: [waitingSpan(request, at)],
  });
}

function traceOf(
  request: TracedRequest,
  root: Pick<SpanData, 'end' | 'attributes' | 'problem' | 'children'>,
): TraceData {
  const { id, record } = request;
  const { traceId, parent, rootId } = traceIds(id, record);
  const created = createdAt(request);
  return {
    traceId,
    parent,
    root: {
      ...root,
      name: 'NodeRequest',
      id: rootId,
      // Zuul's clock may be before ours.
      start: Math.min(created, root.end ?? created),
      attributes: {
        // Zuul's names, where it has one for the same.
        request_id: id,
        zuul_event_id: record.event_id ?? undefined,
        requestor: record.requestor ?? undefined,
        tenant: record.tenant_name ?? undefined,
        labels: record.node_types,
        ...root.attributes,
      },
    },
  };
}

/** Until `end` at the latest; after a pool gave it back it waits anew. */
function waitingSpan(request: TracedRequest, end: number): SpanData {
  const start = Math.max(createdAt(request), request.record.state_time);
  return { name: 'Waiting', start: Math.min(start, end), end, attributes: {} };
}

function takingSpan({ since, until, nodes }: ServedHistory): SpanData {
  const begun = nodes.flatMap(({ steps }) =>
    steps.filter(({ phase }) => phase !== 'beginning').map((step) => step.since),
  );
  return { name: 'Taking', start: since, end: Math.min(until, ...begun), attributes: {} };
}

function createdAt({ record, ctimeMs }: TracedRequest): number {
  return record.created_time ?? ctimeMs / 1000;
}

function idsOf(nodes: readonly NodeHistory[]): string[] {
  return nodes.flatMap(({ node }) => (node === undefined ? [] : [node]));
}

function problemOf({ result, nodes }: ServedHistory): string | undefined {
  if (result === 'lost') return 'this launcher could not go on with it';
  if (result !== 'declined') return undefined;
  return nodes.find(({ problem }) => problem !== undefined)?.problem ?? 'the pool gave it up';
}
