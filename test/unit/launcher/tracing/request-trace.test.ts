import assert from 'node:assert/strict';

import {
  canceledTrace,
  failedTrace,
  servedTrace,
  type ServedHistory,
} from '../../../../launcher/tracing/request-trace.ts';
import type { NodeHistory } from '../../../../launcher/tracing/node-span.ts';
import { traceIds } from '../../../../launcher/tracing/ids.ts';
import { newRequest } from '../../../../schemas/records/request.ts';
import type { SpanData } from '../../../../shared/telemetry/tracing/trace.ts';

const record = {
  ...newRequest({ node_types: ['small', 'large'] }, 1000),
  ...{ created_time: 1000, event_id: 'event', requestor: 'zuul', tenant_name: 'acme' },
};
const request = { id: '100-7', ctimeMs: 1_000_500, record };

const small: NodeHistory = {
  ...{ label: 'small', node: '41', attempt: 2, problem: 'no host' },
  steps: [
    { phase: 'beginning', since: 1002, attempt: undefined },
    { phase: 'making-record', since: 1003, attempt: undefined },
    { phase: 'creating', since: 1004, attempt: 1, problem: 'no host' },
    { phase: 'cleaning-up', since: 1010, attempt: 1 },
    { phase: 'creating', since: 1011, attempt: 2 },
    { phase: 'waiting-for-address', since: 1012, attempt: 2 },
    { phase: 'ready', since: 1030, attempt: 2 },
  ],
};
const large: NodeHistory = {
  ...{ label: 'large', node: '42', attempt: undefined, problem: undefined },
  steps: [
    { phase: 'beginning', since: 1002, attempt: undefined },
    { phase: 'taking-ready-node', since: 1002.5, attempt: undefined },
    { phase: 'ready', since: 1003, attempt: undefined },
  ],
};
const history: ServedHistory = {
  ...{ request, provider: 'cloud', pool: 'main', since: 1002, until: 1031 },
  ...{ result: 'fulfilled', nodes: [small, large] },
};

/** One line a span, indented: name, times, what failed. */
function outline(span: SpanData, depth = 0): string[] {
  const problem = span.problem === undefined ? '' : ` !${span.problem}`;
  const line = `${'  '.repeat(depth)}${span.name} ${span.start}-${span.end ?? ''}${problem}`;
  return [line, ...(span.children ?? []).flatMap((child) => outline(child, depth + 1))];
}

function rootOf(changes: Partial<ServedHistory> = {}): SpanData {
  const trace = servedTrace({ ...history, ...changes });
  assert.ok(trace);
  return trace.root;
}

describe('the trace of a request', () => {
  it('shows where its time went, attempt by attempt', () => {
    assert.deepEqual(outline(rootOf()), [
      'NodeRequest 1000-1031',
      '  Waiting 1000-1002',
      '  Serving 1002-1031',
      '    Taking 1002-1002.5',
      '    Node 1003-1030',
      '      MakingRecord 1003-1004',
      '      Creating 1004-1010 !no host',
      '      CleaningUp 1010-1011',
      '      Creating 1011-1012',
      '      WaitingForAddress 1012-1030',
      '    Node 1002.5-1003',
      '      TakingReadyNode 1002.5-1003',
    ]);
  });

  it('says what it was about', () => {
    const root = rootOf();
    assert.deepEqual(root.attributes, {
      ...{ request_id: '100-7', zuul_event_id: 'event', requestor: 'zuul', tenant: 'acme' },
      ...{ labels: ['small', 'large'], state: 'fulfilled', provider: 'cloud', pool: 'main' },
      nodes: ['41', '42'],
    });
    const node = root.children?.[1]?.children?.[1];
    assert.deepEqual(node?.attributes, {
      ...{ label: 'small', node: '41', attempts: 2, result: 'ready' },
    });
    assert.deepEqual(node.children?.[1]?.attributes, { attempt: 1 });
  });

  it('is one, whoever serves it when', () => {
    const first = servedTrace({ ...history, result: 'handed-back', until: 1005 });
    const later = { ...record, state_time: 1005, declined_by: ['a'] };
    const last = servedTrace({ ...history, request: { ...request, record: later }, since: 1008 });
    assert.ok(first && last);
    assert.equal(first.traceId, last.traceId);
    assert.equal(first.root.id, last.root.id);
    assert.equal(last.root.id, traceIds('100-7', record).rootId);
    // Only who sees the end knows how long it was.
    assert.equal(first.root.end, undefined);
    assert.equal(last.root.end, 1031);
    assert.equal(last.root.children?.[0]?.start, 1005);
    assert.equal(first.root.attributes.state, undefined);
  });

  it('ends a phase that nobody ended with the request', () => {
    const steps = small.steps.slice(0, 3);
    const root = rootOf({ result: 'lost', until: 1009, nodes: [{ ...small, steps }] });
    assert.deepEqual(outline(root).slice(2), [
      '  Serving 1002-1009 !this launcher could not go on with it',
      '    Taking 1002-1003',
      '    Node 1003-1009 !no host',
      '      MakingRecord 1003-1004',
      '      Creating 1004-1009 !no host',
    ]);
  });

  it('tells why the pool gave it up', () => {
    const steps = [...small.steps.slice(0, 3), { phase: 'given-up', since: 1010 } as const];
    const nodes = [large, { ...small, steps: steps.map((step) => ({ attempt: 1, ...step })) }];
    const serving = rootOf({ result: 'declined', nodes }).children?.[1];
    assert.equal(serving?.problem, 'no host');
    assert.equal(serving.children?.[2]?.problem, 'no host');
    assert.equal(
      rootOf({ result: 'declined', nodes: [] }).children?.[1]?.problem,
      'the pool gave it up',
    );
  });

  it('has no part in what another launcher took', () => {
    assert.equal(servedTrace({ ...history, result: 'not-taken' }), undefined);
  });

  it('ends as canceled, however far it was', () => {
    assert.equal(rootOf({ result: 'gone' }).attributes.state, 'canceled');
    const { root } = canceledTrace(request, 1005);
    assert.deepEqual(outline(root), ['NodeRequest 1000-1005', '  Waiting 1000-1005']);
    assert.equal(root.attributes.state, 'canceled');
    assert.equal(root.id, rootOf().id);
  });

  it('ends as failed', () => {
    const problem = '!every pool has declined the request';
    assert.deepEqual(outline(failedTrace(request, false, 1005).root), [
      `NodeRequest 1000-1005 ${problem}`,
    ]);
    assert.deepEqual(outline(failedTrace(request, true, 1005).root), [
      `NodeRequest 1000-1005 ${problem}`,
      '  Waiting 1000-1005',
    ]);
  });

  it("has no negative times when Zuul's clock is before ours", () => {
    const early = { ...request, record: { ...record, created_time: 2000, state_time: 2000 } };
    const root = rootOf({ request: early });
    assert.ok(root.start <= 1031);
    assert.deepEqual(outline(root)[1], '  Waiting 1002-1002');
  });

  it('begins with the znode where nobody has noted the time', () => {
    const unknown = { ...request, record: { ...record, created_time: null } };
    assert.equal(rootOf({ request: unknown }).start, 1000.5);
  });

  it('is of nodes that were ready, too', () => {
    const steps = [
      { phase: 'beginning', since: 1002, attempt: undefined },
      { phase: 'ready', since: 1002.2, attempt: undefined },
    ] as const;
    assert.deepEqual(outline(rootOf({ until: 1002.2, nodes: [{ ...large, steps }] })).slice(2), [
      '  Serving 1002-1002.2',
      '    Taking 1002-1002.2',
      '    Node 1002-1002.2',
    ]);
  });
});
