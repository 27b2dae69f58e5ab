import assert from 'node:assert/strict';

import { fastify } from 'fastify';

import { addMetricsRoute } from '../../../shared/web/metrics-route.ts';

describe('GET /metrics', () => {
  const app = fastify();
  addMetricsRoute(app, {
    contentTypes: { text: 'text/plain', openmetrics: 'application/openmetrics-text' },
    body: (format) => Promise.resolve(`# ${format}\n`),
  });
  after(() => app.close());

  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['text/plain', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    // Prometheus 2 and 3.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2',
      'openmetrics',
    ],
    ['text/plain;version=0.0.4,application/openmetrics-text;q=0.3', 'text'],
    ['application/openmetrics-text;q=0, */*', 'text'],
    ['application/openmetrics-text, ;;;broken', 'text'],
  ];

  it('answers in OpenMetrics where that is wanted at least as much as text', async () => {
    for (const [accept, format] of cases) {
      const headers = accept === undefined ? {} : { accept };
      const response = await app.inject({ url: '/metrics', headers });
      assert.equal(response.body, `# ${format}\n`, accept);
      assert.match(
        String(response.headers['content-type']),
        format === 'text' ? /^text\/plain/ : /^application\/openmetrics-text/,
      );
      assert.equal(response.headers['cache-control'], 'no-store');
    }
  });

  it('knows no other methods', async () => {
    assert.equal((await app.inject({ method: 'POST', url: '/metrics' })).statusCode, 404);
    assert.equal((await app.inject({ method: 'HEAD', url: '/metrics' })).body, '');
  });
});
