/** `GET /metrics`, in the format that the client likes better: OpenMetrics only where it is asked for. */
import type { FastifyInstance } from 'fastify';

import { qualityFor } from './negotiation.ts';

/** What tells the metrics; shared/telemetry/prometheus makes it, where there is a web server. */
export interface MetricsSource {
  body(format: 'text' | 'openmetrics'): Promise<string>;
  readonly contentTypes: Readonly<Record<'text' | 'openmetrics', string>>;
}

export function addMetricsRoute(app: FastifyInstance, source: MetricsSource): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    handler: async (request, reply) => {
      const format = formatFor(request.headers.accept);
      const body = await source.body(format);
      return reply
        .header('Cache-Control', 'no-store')
        .header('Vary', 'Accept')
        .type(source.contentTypes[format])
        .send(body);
    },
  });
}

function formatFor(accept: string | undefined): 'text' | 'openmetrics' {
  // Only who names it wants it: a browser takes anything, and shows text.
  if (accept?.includes(OPEN) !== true) return 'text';
  const quality = qualityFor(OPEN, accept) ?? 0;
  return quality > 0 && quality >= (qualityFor('text/plain', accept) ?? 0) ? 'openmetrics' : 'text';
}

const OPEN = 'application/openmetrics-text';
