/**
 * The statsd record of one launch attempt: a timer and a counter under each of the original's names.
 */
import { metricPart } from '../../shared/telemetry/metrics.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
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
  const keys = [`nodepool.launch.${result}`, `nodepool.launch.provider.${provider.name}.${result}`];
  if (node.record.az !== null) {
    keys.push(`nodepool.launch.provider.${provider.name}.${node.record.az}.${result}`);
  }
  if (requestor !== null) {
    keys.push(`nodepool.launch.requestor.${metricPart(requestor)}.${result}`);
  }
  const ms = context.clock.monotonic() - began;
  for (const key of keys) {
    context.metrics.timing(key, ms);
    context.metrics.increment(key);
  }
}
