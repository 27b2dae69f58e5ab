/** Traces of the launcher, where the environment asks for them. */
import type { Clock } from '../../shared/base/clock.ts';
import type { Logger } from '../../shared/base/log.ts';
import { loadTracing } from '../../shared/telemetry/tracing/load.ts';
import type { Environment } from '../../shared/telemetry/tracing/wish.ts';
import type { Launcher } from '../launcher.ts';

/** The answer ends them: to be called when the launcher has stopped. Neither rejects. */
export async function startTraces(
  environment: Environment,
  launcher: Pick<Launcher, 'journal' | 'store' | 'pools'>,
  options: {
    readonly hostname: string;
    readonly version: string;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<() => Promise<void>> {
  const { hostname, version, clock, log } = options;
  const tracing = await loadTracing(environment, {
    service: 'nodepool-launcher',
    // As the components' registry names it.
    instance: hostname,
    ...{ version, clock, log: log.named('nodepool.tracing') },
  });
  if (!tracing) return () => Promise.resolve();
  const { traceRequests } = await import('./trace-requests.ts');
  const end = traceRequests({ launcher, tracing, clock, log });
  return async () => {
    await end();
    await tracing.close();
  };
}
