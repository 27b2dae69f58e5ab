/** Traces of builds and uploads, from a builder to a collector. */
import assert from 'node:assert/strict';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { loadTracing } from '../../../shared/telemetry/tracing/load.ts';
import { BuilderSite } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { withTracing } from '../../support/with-tracing.ts';

describe('the traces of a builder', () => {
  it('are one for each build, with its uploads below it', () =>
    withTracing({}, async (collector) => {
      const tracing = await loadTracing(process.env, {
        ...{ service: 'nodepool-builder', version: '0.0.0-test', instance: 'one.example' },
        ...{ clock: systemClock, log: silentLogger },
      });
      assert.ok(tracing);
      const site = await BuilderSite.open();
      site.configure({ tracing });
      try {
        await site.start();
        const named = (name: string): (typeof collector)['spans'] =>
          collector.spans.filter((span) => span.name === name);
        await eventually(() => {
          assert.deepEqual([named('ImageBuild').length, named('ImageUpload').length], [1, 2]);
        });
        const [build] = named('ImageBuild');
        assert.ok(build);
        assert.equal(build.traceId, site.builds()[0]?.id);
        assert.equal(build.attributes.image, 'debian');
        assert.equal(build.resource['service.name'], 'nodepool-builder');
        for (const upload of named('ImageUpload')) {
          assert.deepEqual([upload.traceId, upload.parentSpanId], [build.traceId, build.spanId]);
          assert.equal(upload.attributes.result, 'ready');
        }
        const providers = named('ImageUpload').map(({ attributes }) => String(attributes.provider));
        assert.deepEqual(providers.toSorted(), ['first', 'second']);
      } finally {
        await site.close();
        await tracing.close();
      }
    }));
});
