/** Traces of requests, from a launcher to a collector, over the network. */
import assert from 'node:assert/strict';
import type { Collector, Span } from '../../../fixtures/otlp/collector.ts';
import { startTraces } from '../../../launcher/tracing/start.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { collectingLogger, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config, play } from '../../support/launcher-scene.ts';
import { withTracing } from '../../support/with-tracing.ts';
import type { ZuulSide } from '../../support/zuul-side.ts';

const TRACE_ID = 306409969208582193588308489136624883391n;
const SPAN_ID = 9408836904279833107n;

/** As Zuul writes it: numbers that JSON.stringify cannot. */
async function submitTraced(zuul: ZuulSide): Promise<string> {
  const span = `{"name": "RequestNodes", "trace_id": ${TRACE_ID}, "span_id": ${SPAN_ID},
    "trace_flags": 3, "start_time": 1795961102654967682, "parent": null}`;
  const now = Date.now() / 1000;
  const text = JSON.stringify({
    ...{ requestor_data: { span_info: 'SPAN' }, node_types: ['small'], requestor: 'zuul' },
    ...{ created_time: now, provider: null, state: 'requested', state_time: now },
    ...{ relative_priority: 0, event_id: 'e1', tenant_name: 'acme' },
  }).replace('"SPAN"', span);
  await zuul.client.ensurePath('/nodepool/requests');
  const made = await zuul.client.create('/nodepool/requests/100-', Buffer.from(text), {
    mode: 'persistentSequential',
  });
  return made.path.slice('/nodepool/requests/'.length);
}

/** Traces of one launcher; the answer ends them. */
function trace(own: InProcessLauncher, lines: string[] = []): Promise<() => Promise<void>> {
  return startTraces(process.env, own.launcher, {
    ...{ hostname: 'launcher-host', version: '0.0.0-test', clock: systemClock },
    log: collectingLogger(lines),
  });
}

function named(collector: Collector, name: string): Span[] {
  return collector.spans.filter((span) => span.name === name);
}

/** The one span of the name that is below another. */
function childOf(collector: Collector, parent: Span, name: string): Span {
  const [found, ...more] = named(collector, name).filter(
    (span) => span.parentSpanId === parent.spanId && span.traceId === parent.traceId,
  );
  assert.ok(found, `${name} below ${parent.name}`);
  assert.equal(more.length, 0);
  return found;
}

async function root(collector: Collector, id: string): Promise<Span> {
  let found: Span | undefined;
  await eventually(() => {
    found = named(collector, 'NodeRequest').find((span) => span.attributes.request_id === id);
    assert.ok(found, `of ${id} among ${collector.spans.length} spans`);
  });
  assert.ok(found);
  return found;
}

describe('the trace of a request', () => {
  it("continues Zuul's, whose span stays as it was in the request", () =>
    withTracing({}, (collector) =>
      play(config(), async ({ zuul, own }) => {
        const end = await trace(own);
        const id = await submitTraced(zuul);
        const { nodes } = await zuul.untilState(id, 'fulfilled');
        const request = await root(collector, id);
        assert.equal(request.traceId, TRACE_ID.toString(16).padStart(32, '0'));
        assert.equal(request.parentSpanId, SPAN_ID.toString(16).padStart(16, '0'));
        assert.equal(request.attributes.state, 'fulfilled');
        assert.deepEqual(request.attributes.nodes, nodes);
        assert.deepEqual(request.attributes.labels, ['small']);
        assert.equal(request.resource['service.name'], 'nodepool-launcher');
        assert.equal(request.resource['deployment.environment'], 'test one');
        childOf(collector, request, 'Waiting');
        const serving = childOf(collector, request, 'Serving');
        assert.equal(serving.attributes.provider, 'cloud');
        childOf(collector, serving, 'Taking');
        const node = childOf(collector, serving, 'Node');
        childOf(collector, node, 'Creating');
        // A server of the fake cloud takes 20 ms.
        assert.ok(childOf(collector, node, 'WaitingForAddress').duration > 10);
        const { data } = await zuul.client.get(`/nodepool/requests/${id}`);
        assert.match(data.toString(), new RegExp(`"trace_id":${TRACE_ID},"span_id":${SPAN_ID},`));
        await end();
      }),
    ));

  it('shows each attempt, and why it failed', () =>
    withTracing({}, (collector) =>
      play(config({ faults: { 'fail-create': { times: 1 } } }), async ({ zuul, own }) => {
        const end = await trace(own);
        const { id } = await zuul.ask(['small'], { event_id: '8d2f5a6e4b1c4d7e9f00112233445566' });
        const request = await root(collector, id);
        assert.equal(request.traceId, '8d2f5a6e4b1c4d7e9f00112233445566');
        assert.equal(request.parentSpanId, undefined);
        assert.equal(request.problem, undefined);
        const attempts = named(collector, 'Creating');
        assert.deepEqual(
          attempts.map(({ attributes, problem, events }) => [
            attributes.attempt,
            problem?.includes('failed on purpose'),
            events,
          ]),
          [
            [1, true, ['problem']],
            [2, undefined, []],
          ],
        );
        await end();
      }),
    ));

  it('names the nodes that were ready', () =>
    withTracing({}, (collector) =>
      play(config({ minReady: { small: 1 } }), async ({ zuul, own }) => {
        const end = await trace(own);
        await eventually(async () => {
          const [ready] = [...(await zuul.nodes()).values()];
          assert.equal(ready?.state, 'ready');
        });
        const { id, nodes } = await zuul.ask(['small']);
        const request = await root(collector, id);
        assert.deepEqual(request.attributes.nodes, nodes);
        const serving = childOf(collector, request, 'Serving');
        assert.equal(childOf(collector, serving, 'Node').attributes.result, 'ready');
        await end();
      }),
    ));

  it('is told of by one launcher, also where nobody served it', () =>
    withTracing({}, (collector) =>
      play(config({ pool: { 'max-servers': 1 } }), async ({ zuul, own, another }) => {
        const second = await another(config({ pool: { 'max-servers': 1 }, labels: ['other'] }), {
          hostname: 'second-host',
        });
        const ends = await Promise.all([trace(own), trace(second)]);
        await eventually(async () => {
          assert.equal((await zuul.components('pool')).length, 2);
        });
        const hopeless = await zuul.submit(['nowhere']);
        await zuul.untilState(hopeless, 'failed');
        const failed = await root(collector, hopeless);
        assert.match(failed.problem ?? '', /every pool has declined/);
        assert.equal(failed.attributes.state, 'failed');
        await zuul.ask(['small']);
        // No room: it waits until Zuul has enough of it.
        const patient = await zuul.submit(['small']);
        await zuul.untilState(patient, 'pending');
        const queued = await zuul.submit(['small']);
        await eventually(() => {
          assert.ok(own.launcher.store.requests.get(queued));
          assert.ok(second.launcher.store.requests.get(queued));
        });
        await zuul.cancel(queued);
        await zuul.cancel(patient);
        for (const id of [queued, patient]) {
          assert.equal((await root(collector, id)).attributes.state, 'canceled');
        }
        const [room] = named(collector, 'WaitingForRoom');
        assert.ok(room);
        // What the second one has to say is on its way by then.
        await Promise.all(ends.map((end) => end()));
        for (const id of [hopeless, queued, patient]) {
          const roots = named(collector, 'NodeRequest').filter(
            (span) => span.attributes.request_id === id,
          );
          assert.equal(roots.length, 1, id);
        }
      }),
    ));

  it('is not sent where the sampler says so', () =>
    withTracing({ OTEL_TRACES_SAMPLER: 'always_off' }, (collector) =>
      play(config(), async ({ zuul, own }) => {
        const end = await trace(own);
        await zuul.ask(['small']);
        await end();
        assert.equal(collector.calls, 0);
      }),
    ));
});

describe('a collector', () => {
  const secret = 'hunter2hunter2hunter2';
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secret},x-team=ci` };

  it('gets the headers, which nobody else sees', () =>
    withTracing(headers, (collector) =>
      play(config(), async ({ zuul, own }) => {
        const lines: string[] = [];
        const end = await trace(own, lines);
        await zuul.ask(['small']);
        await end();
        assert.equal(collector.headers.authorization, `Bearer ${secret}`);
        assert.equal(collector.headers['x-team'], 'ci');
        assert.deepEqual(lines, []);
        assert.ok(!own.lines.join('\n').includes(secret));
      }),
    ));

  for (const [manners, reason] of [
    ['silent', /traces cannot be sent .*does not answer/],
    ['refusing', /traces cannot be sent .*HTTP status 401/],
    ['busy', /traces cannot be sent .*busy/],
    ['endless', /traces cannot be sent .*the export failed/],
    ['rude', /traces cannot be sent .*ECONNRESET/],
    ['garbage', undefined],
  ] as const) {
    it(`that is ${manners} disturbs nobody and is complained of once`, () =>
      withTracing({ ...headers, OTEL_EXPORTER_OTLP_TIMEOUT: '300' }, (collector) =>
        play(config(), async ({ zuul, own }) => {
          collector.manners = manners;
          const lines: string[] = [];
          const end = await trace(own, lines);
          for (let round = 1; round <= 3; round++) {
            await zuul.ask(['small']);
            await eventually(() => {
              assert.ok(collector.calls >= round);
            });
          }
          await end();
          if (reason === undefined) assert.deepEqual(lines, []);
          else assert.match(lines.join('\n'), reason);
          // At most a second one at the end, of those that came after the first.
          assert.ok(lines.length <= 2, lines.join('\n'));
          assert.ok(!lines.join('\n').includes(secret));
        }),
      ));
  }

  it('that is not there is complained of, and its name is not needed to stop', () =>
    withTracing({ OTEL_EXPORTER_OTLP_TIMEOUT: '300' }, (collector) =>
      play(config(), async ({ zuul, own }) => {
        await collector.close();
        const lines: string[] = [];
        const end = await trace(own, lines);
        await zuul.ask(['small']);
        await end();
        assert.match(lines.join('\n'), /WARNING traces cannot be sent .*"ECONNREFUSED"/);
      }),
    ));
});
