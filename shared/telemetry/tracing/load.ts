/** Traces where the environment asks for them; OpenTelemetry is loaded only then. */
import type { Tracing, TracingOptions } from './trace.ts';
import { tracingWish, type Environment } from './wish.ts';

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
