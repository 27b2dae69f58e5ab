import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { OtlpTracing } from '../../../../shared/telemetry/tracing/otlp.ts';
import type { TraceData } from '../../../../shared/telemetry/tracing/trace.ts';
import { eventually } from '../../../support/eventually.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';
import { withTracing } from '../../../support/with-tracing.ts';

const TRACE_ID = '8d2f5a6e4b1c4d7e9f00112233445566';

function someTrace(end: number | undefined = 1002): TraceData {
  const child = { name: 'Child', start: 1000.25, end: 1001, attributes: { nothing: undefined } };
  const root = {
    ...{ name: 'Root', id: '1122334455667788', start: 1000, end },
    ...{ attributes: { list: ['a', 'b'], count: 3 }, children: [child] },
  };
  return { traceId: TRACE_ID, parent: undefined, root };
}

function tracingWith(clock = new ManualClock()): { tracing: OtlpTracing; lines: string[] } {
  const lines: string[] = [];
  const log = collectingLogger(lines);
  const options = { service: 'test', version: '1', instance: 'here', clock, log };
  return { tracing: new OtlpTracing(process.env, options), lines };
}

describe('traces over OTLP', () => {
  it('have the ids and times that were given', () =>
    withTracing({}, async (collector) => {
      const { tracing } = tracingWith();
      tracing.record(someTrace());
      await tracing.close();
      const [child, root] = collector.spans;
      assert.ok(root && child);
      assert.deepEqual([root.traceId, root.spanId], [TRACE_ID, '1122334455667788']);
      assert.deepEqual([child.traceId, child.parentSpanId], [TRACE_ID, root.spanId]);
      assert.equal(root.parentSpanId, undefined);
      assert.deepEqual([root.duration, child.duration], [2000, 750]);
      assert.deepEqual(root.attributes, { list: ['a', 'b'], count: 3 });
      assert.deepEqual(child.attributes, {});
      assert.equal(root.resource['service.instance.id'], 'here');
    }));

  it('have no parent yet where that goes on', () =>
    withTracing({}, async (collector) => {
      const { tracing } = tracingWith();
      const open = someTrace();
      tracing.record({ ...open, root: { ...open.root, end: undefined } });
      await tracing.close();
      assert.deepEqual(
        collector.spans.map(({ name, parentSpanId }) => [name, parentSpanId]),
        [['Child', '1122334455667788']],
      );
    }));

  it('are of the service that the environment names, and without secrets', () =>
    withTracing({ OTEL_SERVICE_NAME: 'mine' }, async (collector) => {
      const { tracing } = tracingWith();
      const { traceId, root } = someTrace();
      const problem = 'https://user:hunter2@cloud said no';
      const attributes = { where: 'https://user:hunter2@cloud' };
      tracing.record({ traceId, parent: undefined, root: { ...root, problem, attributes } });
      await tracing.close();
      const span = collector.spans.find(({ name }) => name === 'Root');
      assert.equal(span?.resource['service.name'], 'mine');
      assert.match(span.problem ?? '', /said no/);
      assert.ok(!JSON.stringify(collector.spans).includes('hunter2'));
    }));

  it('are dropped, whole ones, where the collector is too slow', () =>
    withTracing({ OTEL_BSP_MAX_QUEUE_SIZE: '9' }, async (collector) => {
      collector.manners = 'silent';
      const clock = new ManualClock();
      const { tracing, lines } = tracingWith(clock);
      for (let count = 0; count < 100; count++) tracing.record(someTrace());
      assert.match(lines.join('\n'), /too slowly.*"lost_spans":2/);
      const closing = tracing.close();
      await clock.advance(60_000);
      await closing;
      assert.match(lines[1] ?? '', /"the process ends","lost_spans":198/);
    }));

  it('keep nobody waiting at the end', () =>
    withTracing({}, async (collector) => {
      collector.manners = 'trickling';
      const clock = new ManualClock();
      const { tracing, lines } = tracingWith(clock);
      tracing.record(someTrace());
      const closing = tracing.close();
      await eventually(() => {
        assert.equal(collector.calls, 1);
      });
      await clock.advance(3000);
      await closing;
      assert.match(lines.join('\n'), /"the process ends","lost_spans":2/);
    }));
});
