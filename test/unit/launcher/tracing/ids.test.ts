import assert from 'node:assert/strict';

import fc from 'fast-check';

import { traceIds } from '../../../../launcher/tracing/ids.ts';
import { zuulSpan } from '../../../../launcher/tracing/zuul-span.ts';
import { parseExact } from '../../../../shared/base/exact-json.ts';

const record = { event_id: null, requestor_data: null, created_time: 1_700_000_000 };

/** As a record with it is read. */
function read(spanInfo: string): unknown {
  return parseExact(`{"tenant_name": "t", "span_info": ${spanInfo}}`);
}

describe('the span that Zuul left in a request', () => {
  it('is read to the last digit', () => {
    // As Zuul 14.3.0 wrote it.
    const data = read(`{"name": "RequestNodes", "trace_id": 306409969208582193588308489136624883391,
      "span_id": 9408836904279833107, "trace_flags": 3, "start_time": 1795961102654967682,
      "parent": null}`);
    assert.deepEqual(zuulSpan(data), {
      traceId: 306409969208582193588308489136624883391n.toString(16),
      spanId: 9408836904279833107n.toString(16),
      isSampled: true,
    });
  });

  it('is padded where it begins with zeros, and may not be sampled', () => {
    assert.deepEqual(zuulSpan(read('{"trace_id": 255, "span_id": 1, "trace_flags": 2}')), {
      traceId: `${'0'.repeat(30)}ff`,
      spanId: `${'0'.repeat(15)}1`,
      isSampled: false,
    });
  });

  it('is nothing where it is no span', () => {
    for (const data of [
      null,
      'text',
      {},
      read('null'),
      read('{"trace_id": 0, "span_id": 1}'),
      read('{"trace_id": -5, "span_id": 1}'),
      read('{"trace_id": 5, "span_id": 18446744073709551616}'),
      read('{"trace_id": "5", "span_id": 1}'),
      read('{"trace_id": 1.5, "span_id": 1}'),
      read(`{"trace_id": ${'9'.repeat(60)}, "span_id": 1}`),
    ]) {
      assert.equal(zuulSpan(data), undefined, JSON.stringify(data));
    }
  });
});

describe('the ids of a trace', () => {
  const uuid = '8d2f5a6e4b1c4d7e9f00112233445566';

  it("are Zuul's where it has begun one", () => {
    const requestor_data = read('{"trace_id": 255, "span_id": 16, "trace_flags": 1}');
    const ids = traceIds('100-1', { ...record, event_id: uuid, requestor_data });
    assert.equal(ids.traceId, `${'0'.repeat(30)}ff`);
    assert.equal(ids.parent?.spanId, `${'0'.repeat(14)}10`);
  });

  it("are the event's where it has not", () => {
    const hyphens = '8D2F5A6E-4B1C-4D7E-9F00-112233445566';
    for (const event_id of [uuid, hyphens]) {
      const ids = traceIds('100-1', { ...record, event_id });
      assert.equal(ids.traceId, uuid);
      assert.equal(ids.parent, undefined);
    }
  });

  it('follow from the request alone, and differ from request to request', () => {
    const seen = new Set<string>();
    for (const id of ['100-1', '100-2']) {
      for (const created_time of [1, 2, null]) {
        const ids = traceIds(id, { ...record, created_time });
        assert.deepEqual(traceIds(id, { ...record, created_time }), ids);
        seen.add(ids.traceId).add(ids.rootId);
      }
    }
    assert.equal(seen.size, 12);
  });

  it('are ids, whatever stands in the record', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), fc.jsonValue(), (id, event_id, data) => {
        const ids = traceIds(id, { ...record, event_id, requestor_data: data });
        assert.match(ids.traceId, /^(?!0+$)[0-9a-f]{32}$/);
        assert.match(ids.rootId, /^(?!0+$)[0-9a-f]{16}$/);
      }),
    );
    const zeros = traceIds('100-1', { ...record, event_id: '0'.repeat(32) });
    assert.match(zeros.traceId, /[1-9a-f]/);
  });
});
