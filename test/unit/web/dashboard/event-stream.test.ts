/** Reading `text/event-stream`: the same events, however the bytes come. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

import { EventStreamReader } from '../../../../shared/web/dashboard/event-stream.js';

const STREAM = [
  ': ping\n\n',
  'event: hello\ndata: {"a":1}\n\n',
  'data: no name\r\n\r\n',
  'event:change\ndata:two\ndata: lines\nid: 7\nretry: 5\nnonsense\n\n',
  'event: without data\n\n',
  'data: after it\n\n',
  'event: torn\ndata: never ends\n',
].join('');

const EVENTS = [
  ['hello', '{"a":1}'],
  ['message', 'no name'],
  ['change', 'two\nlines'],
  ['message', 'after it'],
];

function read(pieces: readonly string[]): string[][] {
  const events: string[][] = [];
  const reader = new EventStreamReader((name, data) => events.push([name, data]));
  for (const piece of pieces) reader.push(piece);
  return events;
}

describe('the reader of an event stream', () => {
  it('reads all fields that it knows and no others', () => {
    assert.deepEqual(read([STREAM]), EVENTS);
  });

  it('does not care where the pieces end', () => {
    assert.deepEqual(read(STREAM.match(/[^]/g) ?? []), EVENTS);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length })), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
        const pieces = at.map((from, index) => STREAM.slice(from, at[index + 1]));
        assert.deepEqual(read(pieces), EVENTS);
      }),
    );
  });

  it('gives up a line without end', () => {
    const reader = new EventStreamReader(() => undefined);
    const piece = 'x'.repeat(1_048_576);
    assert.throws(() => {
      for (let index = 0; index < 64; index++) reader.push(piece);
    }, /too long/);
  });
});
