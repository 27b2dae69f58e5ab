/** A collector, and the variables that make this process send its traces there, for one test. */
import { startCollector, type Collector } from '../../fixtures/otlp/collector.ts';

/** The exporter reads the process's own environment. It is put back when the test ends. */
export async function withTracing(
  environment: Readonly<Record<string, string>>,
  steps: (collector: Collector) => Promise<void>,
): Promise<void> {
  const collector = await startCollector();
  const before = { ...process.env };
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test%20one',
    ...environment,
  });
  try {
    await steps(collector);
  } finally {
    process.env = before;
    await collector.close();
  }
}
