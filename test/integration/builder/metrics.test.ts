/** `GET /metrics` of a builder: valid, complete, and true. */
import assert from 'node:assert/strict';

import { builderMetrics } from '../../../builder/telemetry/prometheus.ts';
import { startBuilderWeb } from '../../../builder/web/server.ts';
import { builderSource } from '../../../builder/web/source.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { MetricsFan } from '../../../shared/telemetry/metrics.ts';
import { metricsOf } from '../../../shared/telemetry/names/all.ts';
import { BuilderSite } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { readExposition, valueIn, type ReadFamilies } from '../../support/read-exposition.ts';

describe('the metrics of a builder', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
  });
  afterEach(() => site.close());

  it('are valid, are those that are documented, and leave nothing of a provider that has gone', async () => {
    const metrics = new MetricsFan();
    site.configure({ metrics });
    const { builder } = await site.start();
    const clock = { ...systemClock, monotonic: () => (now += 2000) };
    let now = 0;
    const told = builderMetrics({ builder, client: site.client, metrics, clock });
    const web = await startBuilderWeb({
      ...{ address: '127.0.0.1', port: 0, metrics: told.page, clock: systemClock },
      source: builderSource(builder, { host: 'one.example', logFolder: site.folder }),
      log: silentLogger,
    });
    const read = async (): Promise<ReadFamilies> => {
      const response = await fetch(`http://127.0.0.1:${web.port}/metrics`);
      return readExposition(await response.text(), 'text');
    };
    try {
      const first = { image: 'debian', provider: 'first' };
      await eventually(async () => {
        const families = await read();
        assert.equal(valueIn(families, 'nodepool_image_uploads', { ...first, state: 'ready' }), 1);
        assert.equal(valueIn(families, 'nodepool_image_update', first), 1);
      });
      const families = await read();
      const own = [...families.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
      const defined = metricsOf('builder').map(({ name }) => name);
      assert.deepEqual(
        own.filter((name) => !defined.includes(name)),
        [],
      );
      assert.deepEqual(
        defined.filter((name) => !own.includes(name) && name !== 'nodepool_zookeeper_errors_total'),
        [],
      );
      const state = { builder: 'one.example', image: 'debian' };
      assert.equal(valueIn(families, 'nodepool_builder_build_state', state), 0);
      assert.equal(valueIn(families, 'nodepool_dib_image_build_result_code', { ext: 'status' }), 0);
      assert.ok((valueIn(families, 'nodepool_dib_image_build_size', { ext: 'qcow2' }) ?? 0) > 0);
      const time = valueIn(families, 'nodepool_image_upload_last_success_timestamp_seconds', first);
      assert.ok(Math.abs((time ?? 0) - Date.now() / 1000) < 60);
      const post = { service: 'image', method: 'POST', status: '201', provider: 'second' };
      assert.ok((valueIn(families, 'nodepool_cloud_http_seconds_count', post) ?? 0) > 0);

      const { config } = builder;
      const left = [...config.providers].filter(([name]) => name !== 'second');
      builder.reconfigure({ ...config, providers: new Map(left) });
      await eventually(async () => {
        const after = await read();
        assert.equal(valueIn(after, 'nodepool_image_update', first), 1);
        for (const name of ['nodepool_image_update', 'nodepool_cloud_http_seconds_count'])
          assert.equal(valueIn(after, name, { provider: 'second' }), undefined, name);
      });
    } finally {
      told.close();
      await web.close();
      await metrics.close();
    }
  });
});
