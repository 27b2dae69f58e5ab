/**
 * The statsd record of one launch attempt: a timer and a counter under each of the original's names.
 */
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { Counter, Labels, Timer } from '../../shared/telemetry/metric.ts';
import * as names from '../../shared/telemetry/names/launches.ts';
import type { Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { failureMetric } from './failure.ts';

/** Time runs from the first attempt, as in the original. */
export function recordLaunch(
  context: Pick<Context, 'metrics' | 'clock'>,
  job: { readonly request: StoredRequest },
  run: { readonly provider: ProviderRuntime; readonly node: OwnedNode; readonly began: number },
  outcome: { readonly result: 'ready' } | { readonly error: unknown },
): void {
  const result = 'result' in outcome ? outcome.result : failureMetric(outcome.error);
  const { provider, node, began } = run;
  const { requestor } = job.request.record;
  const ms = context.clock.monotonic() - began;
  const record = <L extends string>(
    count: Counter<L>,
    timer: Timer<L>,
    labels: Labels<NoInfer<L>>,
  ): void => {
    context.metrics.timing(timer, labels, ms);
    context.metrics.increment(count, labels);
  };
  const ofProvider = { provider: provider.name, result };
  record(names.launches, names.launchTimer, { result });
  record(names.launchesByProvider, names.launchTimerByProvider, ofProvider);
  const { az } = node.record;
  if (az !== null) record(names.launchesByZone, names.launchTimerByZone, { ...ofProvider, az });
  if (requestor !== null)
    record(names.launchesByRequestor, names.launchTimerByRequestor, { requestor, result });
}
