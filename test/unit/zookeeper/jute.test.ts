/** The codec alone: what is written is read, and nothing else is believed. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasCode } from '../../../shared/base/errors.ts';
import { JuteReader, JuteWriter } from '../../../shared/zookeeper/jute.ts';

type Value =
  | { kind: 'int'; value: number }
  | { kind: 'long'; value: bigint }
  | { kind: 'bool'; value: boolean }
  | { kind: 'bytes'; value: Uint8Array }
  | { kind: 'string'; value: string };

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

const values: fc.Arbitrary<Value> = fc.oneof(
  fc.integer().map((value) => ({ kind: 'int' as const, value })),
  fc.bigInt(LONG_MIN, LONG_MAX).map((value) => ({ kind: 'long' as const, value })),
  fc.boolean().map((value) => ({ kind: 'bool' as const, value })),
  fc.uint8Array({ maxLength: 300 }).map((value) => ({ kind: 'bytes' as const, value })),
  fc
    .oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 100 }))
    .map((value) => ({ kind: 'string' as const, value })),
);

function write(writer: JuteWriter, one: Value): void {
  if (one.kind === 'int') writer.int(one.value);
  else if (one.kind === 'long') writer.long(one.value);
  else if (one.kind === 'bool') writer.bool(one.value);
  else if (one.kind === 'bytes') writer.bytes(one.value);
  else writer.string(one.value);
}

function read(reader: JuteReader, kind: Value['kind']): unknown {
  if (kind === 'bytes') return new Uint8Array(reader.bytes());
  return reader[kind]();
}

function encode(list: readonly Value[]): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  for (const one of list) write(writer, one);
  writer.endFrame(mark);
  return writer.take();
}

const isProtocolError = (error: unknown): boolean => hasCode(error, 'ZK_PROTOCOL');

describe('jute', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.array(values), (list) => {
        const frame = encode(list);
        assert.equal(frame.readInt32BE(0), frame.length - 4);
        const reader = new JuteReader(frame, 4);
        for (const one of list) assert.deepEqual(read(reader, one.kind), one.value);
        assert.equal(reader.remaining, 0);
      }),
    );
  });

  it('calls a record that was cut anywhere a protocol error', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), (list) => {
        const frame = encode(list);
        for (let end = 4; end < frame.length; end++) {
          const reader = new JuteReader(frame, 4, end);
          assert.throws(() => {
            for (const one of list) read(reader, one.kind);
          }, isProtocolError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('answers random bytes with a value or a protocol error, never with anything else', () => {
    const kinds = fc.array(fc.constantFrom('int', 'long', 'bool', 'bytes', 'string'));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), kinds, (bytes, list) => {
        const reader = new JuteReader(Buffer.from(bytes));
        try {
          for (const kind of list) read(reader, kind);
        } catch (error) {
          assert.ok(isProtocolError(error), String(error));
        }
      }),
    );
  });

  it('takes null as empty and no other negative length', () => {
    const length = (value: number): JuteReader => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value);
      return new JuteReader(bytes);
    };
    assert.equal(length(-1).string(), '');
    assert.equal(length(-1).bytes().length, 0);
    assert.deepEqual(
      length(-1).vector(1, () => 0),
      [],
    );
    assert.throws(() => length(-2).bytes(), isProtocolError);
  });

  it('refuses a list that cannot lie in the frame before it reads an item', () => {
    const bytes = Buffer.alloc(12);
    bytes.writeInt32BE(0x7fff_ffff);
    let reads = 0;
    assert.throws(() => new JuteReader(bytes).vector(4, () => reads++), isProtocolError);
    assert.equal(reads, 0);
  });

  it('never writes again into what was taken', () => {
    const writer = new JuteWriter();
    const taken: { frame: Buffer; copy: Buffer }[] = [];
    for (let i = 0; i < 2_000; i++) {
      const mark = writer.beginFrame();
      writer.string('x'.repeat(i % 300));
      writer.endFrame(mark);
      if (i % 3 !== 0) continue;
      const frame = writer.take();
      taken.push({ frame, copy: Buffer.from(frame) });
    }
    for (const { frame, copy } of taken) assert.ok(frame.equals(copy));
  });

  it('forgets a dropped frame and keeps those before it', () => {
    const writer = new JuteWriter();
    const first = writer.beginFrame();
    writer.int(7);
    writer.endFrame(first);
    const dropped = writer.beginFrame();
    writer.bytes(Buffer.alloc(100_000));
    writer.dropFrame(dropped);
    assert.deepEqual(writer.take(), Buffer.from([0, 0, 0, 4, 0, 0, 0, 7]));
  });

  it('reads times beyond 32 bits exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (time) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64BE(BigInt(time));
        assert.equal(new JuteReader(bytes).time(), time);
      }),
    );
  });
});
