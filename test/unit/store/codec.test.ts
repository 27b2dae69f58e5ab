import assert from 'node:assert/strict';

import fc from 'fast-check';

import { componentSchema } from '../../../schemas/records/component.ts';
import { uploadSchema } from '../../../schemas/records/image.ts';
import { nodeSchema, type NodeRecord } from '../../../schemas/records/node.ts';
import { requestSchema, type RequestRecord } from '../../../schemas/records/request.ts';
import { decode, encode, encodeSorted } from '../../../shared/store/codec.ts';
import { node, request } from '../../support/launcher-world.ts';

const schemas = { nodeSchema, requestSchema, componentSchema, uploadSchema };

describe('decode', () => {
  it('says why bytes are no record', () => {
    for (const [text, reason] of [
      ['', /^empty$/],
      ['{"state": ', /JSON/],
      ['null', /./],
      ['[]', /./],
      ['{"state": "sleeping"}', /^state: /],
      ['{"state": "ready", "type": 7}', /^type: /],
    ] as const) {
      const decoded = decode(nodeSchema, Buffer.from(text));
      assert.equal(decoded.ok, false, text);
      assert.match(decoded.reason, reason);
    }
  });

  it('reads only its part of a larger buffer', () => {
    const whole = Buffer.from('xx{"state":"ready"}yy');
    const decoded = decode<{ state: string }>(nodeSchema, whole.subarray(2, -2));
    assert.ok(decoded.ok);
    assert.equal(decoded.record.state, 'ready');
  });

  it("keeps ids of Zuul's traces, which are longer than a number, to the last digit", () => {
    const span =
      '{"trace_id":275033420938453745937465920354687451234,"span_id":16734523453498734513}';
    const text = JSON.stringify({ ...request(), requestor_data: 'SPAN' }).replace('"SPAN"', span);
    const decoded = decode<RequestRecord>(requestSchema, Buffer.from(text));
    assert.ok(decoded.ok);
    const written = encode({ ...decoded.record, state: 'fulfilled' }).toString();
    assert.ok(written.includes(`"requestor_data":${span}`), written);
  });

  it('takes a rounded number where a record must have a number', () => {
    const text = JSON.stringify({ ...node(), state_time: 0 }).replace(
      '"state_time":0',
      '"state_time":99999999999999999999',
    );
    const decoded = decode<NodeRecord>(nodeSchema, Buffer.from(text));
    assert.ok(decoded.ok);
    assert.equal(decoded.record.state_time, 1e20);
  });

  it('never throws, whatever others wrote', () => {
    const values = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 64 }),
      // Records with a field that holds anything.
      fc
        .tuple(fc.constantFrom(...Object.keys(node())), fc.jsonValue())
        .map(([key, value]) => encode({ ...node(), [key]: value })),
      fc
        .tuple(fc.constantFrom(...Object.keys(request())), fc.jsonValue())
        .map(([key, value]) => encode({ ...request(), [key]: value })),
    );
    fc.assert(
      fc.property(values, (data) => {
        for (const schema of Object.values(schemas)) decode(schema, data);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, however deep a value is nested', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    for (const key of ['hold_expiration', 'user_data', 'driver_data', 'type']) {
      const text = `{"state": "ready", ${JSON.stringify(key)}: ${deep}}`;
      decode(nodeSchema, Buffer.from(text));
    }
    decode(requestSchema, Buffer.from(`{"state": "requested", "requestor_data": ${deep}}`));
    decode(nodeSchema, Buffer.from(deep));
  });
});

describe('encode', () => {
  it('gives back what was read, with fields that nobody knows', () => {
    const future = fc.dictionary(
      fc.string().map((name) => `future_${name}`),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(future, (extra) => {
        for (const [schema, record] of [
          [nodeSchema, node()],
          [requestSchema, request()],
        ] as const) {
          const written = { ...record, ...extra };
          const decoded = decode<object>(schema, encode(written));
          assert.ok(decoded.ok);
          assert.deepEqual(
            JSON.parse(encode({ ...decoded.record, state_time: 5 }).toString()),
            JSON.parse(JSON.stringify({ ...written, state_time: 5 })),
          );
        }
      }),
    );
  });
});

describe('encodeSorted', () => {
  it('writes keys in order, as the original writes components', () => {
    assert.equal(
      encodeSorted({ b: 1, a: { z: 1, y: 2 }, A: 3 }).toString(),
      '{"A":3,"a":{"z":1,"y":2},"b":1}',
    );
  });
});
