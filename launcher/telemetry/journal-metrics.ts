/** Times of requests and of the phases of their nodes, from the journal of those that are served. */
import type { Clock } from '../../shared/base/clock.ts';
import type { Metrics } from '../../shared/telemetry/metrics.ts';
import * as names from '../../shared/telemetry/names/launches.ts';
import { seconds } from '../context.ts';
import type { Served } from '../requests/job.ts';
import type { Journal } from '../requests/journal.ts';

/** The answer ends it. */
export function measureRequests(journal: Journal, metrics: Metrics, clock: Clock): () => void {
  /** The requestor's clock may be ahead of ours. */
  const msSince = (start: number): number => Math.max(0, (seconds(clock) - start) * 1000);
  const created = ({ request }: Served): number =>
    request.record.created_time ?? request.ctimeMs / 1000;
  return journal.watch({
    begun: (served) => {
      metrics.timing(names.requestWait, {}, msSince(created(served)));
    },
    stepped: ({ pool }, _, { phase, since }) => {
      metrics.timing(names.launchPhase, { provider: pool.provider.name, phase }, msSince(since));
    },
    ended: (served, result) => {
      metrics.timing(names.requestTime, { result }, msSince(created(served)));
    },
  });
}
