/**
 * Sends a trace for each request that ends. Looks on: the journal tells of what is served here, the
 * cache of requests that fail or are taken back. The spans are made when the way of the request is over.
 */
import type { RecordChange } from '../../shared/store/record-cache.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { Clock } from '../../shared/base/clock.ts';
import type { Logger } from '../../shared/base/log.ts';
import type { TraceData, Tracing } from '../../shared/telemetry/tracing/trace.ts';
import { preferred } from '../assignment/rendezvous.ts';
import { seconds } from '../context.ts';
import type { Launcher } from '../launcher.ts';
import type { Served, ServeResult } from '../requests/job.ts';
import { Turns } from './turns.ts';
import { canceledTrace, failedTrace, servedTrace } from './request-trace.ts';

export interface TraceOptions {
  readonly launcher: Pick<Launcher, 'journal' | 'store' | 'pools'>;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The answer ends it, and resolves when all traces are made. */
export function traceRequests({
  launcher,
  tracing,
  clock,
  log,
}: TraceOptions): () => Promise<void> {
  const turns = new Turns();
  const send = (make: () => TraceData | undefined): void => {
    turns.add(() => {
      try {
        const trace = make();
        if (trace) tracing.record(trace);
      } catch (error) {
        log.error('a trace could not be made', { error });
      }
    });
  };
  const endJournal = launcher.journal.watch({
    ended: (served, result) => {
      const until = seconds(clock);
      send(() => traceOfServed(served, result, until));
    },
  });
  const endChanges = launcher.store.requests.cache.onChange((change) => {
    const at = seconds(clock);
    const make = endSeen(change, launcher, at);
    if (make) send(make);
  });
  return async () => {
    endJournal();
    endChanges();
    await turns.done();
  };
}

function traceOfServed(
  { request, pool, progress }: Served,
  result: ServeResult,
  until: number,
): TraceData | undefined {
  return servedTrace({
    ...{ request, result, until },
    ...{ provider: pool.provider.name, pool: pool.name },
    ...{ since: progress.since, nodes: progress.nodes },
  });
}

/** An end that all launchers see, if it is ours to tell of it. */
function endSeen(
  { before, after }: RecordChange<RequestRecord>,
  launcher: Pick<Launcher, 'pools'>,
  at: number,
): (() => TraceData) | undefined {
  if (!before || isOver(before)) return undefined;
  const wasWaiting = before.record.state === 'requested';
  if (after?.record.state === 'failed') {
    // The last one to decline has written it.
    const last = after.record.declined_by.at(-1);
    if (last === undefined || !launcher.pools().own.has(last)) return undefined;
    return () => failedTrace(before, wasWaiting, at);
  }
  if (after || !wasWaiting) return undefined;
  const { own, online } = launcher.pools();
  const teller = preferred(before.id, online);
  if (teller === undefined || !own.has(teller)) return undefined;
  return () => canceledTrace(before, at);
}

function isOver({ record }: StoredRequest): boolean {
  return record.state === 'fulfilled' || record.state === 'failed';
}
