/** What all web servers of ours say of the same routes. */
import {
  NOT_MODIFIED,
  queryParameter,
  type ParameterDoc,
  type ResponseDoc,
  type RouteDoc,
} from './document.ts';

const PLAIN = 'text/plain; charset=UTF-8';

/** Of `/ready` and `/live`: the word OK, and which type it is given depends on Accept. */
const OK: ResponseDoc = {
  description: 'OK',
  content: [
    { type: PLAIN, schema: { const: 'OK' } },
    { type: 'application/json', schema: {} },
  ],
};

export const PROBES: readonly RouteDoc[] = [
  {
    ...{ path: '/ready', method: 'get', summary: 'Whether it has started' },
    responses: { 200: OK, 304: NOT_MODIFIED, 503: { description: 'It has not, yet.' } },
  },
  {
    ...{ path: '/live', method: 'get', summary: 'Whether it runs' },
    responses: { 200: OK, 304: NOT_MODIFIED },
  },
];

export const DESCRIPTION: RouteDoc = {
  ...{ path: '/openapi.json', method: 'get', summary: 'This description' },
  responses: {
    200: {
      description: 'OpenAPI 3.1',
      content: [{ type: 'application/json', schema: { type: 'object' } }],
    },
    304: NOT_MODIFIED,
  },
};

const whole = { type: 'integer', minimum: 0 } as const;

export const LOG_PARAMETERS: readonly ParameterDoc[] = [
  queryParameter('follow', '1: until the build has ended', { enum: ['0', '1'] }),
  queryParameter('offset', 'From this byte on', whole),
  queryParameter('tail', 'The last so many lines; not together with offset', whole),
];

/** The text of a log. */
export const LOG: ResponseDoc = {
  description: 'The log; the header X-Nodepool-Build names the build.',
  content: [{ type: PLAIN, schema: { type: 'string' } }],
};

/** Only where the daemon tells metrics. */
export const METRICS: RouteDoc = {
  ...{ path: '/metrics', method: 'get', summary: 'Metrics for Prometheus' },
  responses: {
    200: {
      description: 'The text format of Prometheus, or OpenMetrics where Accept says so.',
      content: [
        { type: 'text/plain; version=0.0.4; charset=utf-8', schema: { type: 'string' } },
        {
          type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
          schema: { type: 'string' },
        },
      ],
    },
  },
};
