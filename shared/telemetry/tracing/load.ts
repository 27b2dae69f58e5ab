/** Traces where the environment asks for them; OpenTelemetry is loaded only then. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Tracing } from './trace.ts';
import { tracingWish, type Environment } from './wish.ts';

export interface TracingOptions {
  /** Unless OTEL_SERVICE_NAME says otherwise. */
  readonly service: string;
  readonly version: string;
  /** Which one of several with the same service. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Undefined: no traces are wanted, or they cannot be had, which is logged. The exporter reads its own
 * variables (headers, certificates, time-outs, sampler) from the process's environment.
 */
export async function loadTracing(
  environment: Environment,
  options: TracingOptions,
): Promise<Tracing | undefined> {
  const wish = tracingWish(environment);
  if (wish.kind === 'off') return undefined;
  if (wish.kind === 'impossible') {
    options.log.error('no traces are sent', { reason: wish.reason });
    return undefined;
  }
  try {
    const { OtlpTracing } = await import('./otlp.ts');
    return new OtlpTracing(environment, options);
  } catch (error) {
    options.log.error('no traces are sent', { error });
    return undefined;
  }
}
