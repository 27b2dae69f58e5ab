/** Frames come out whole and in order, however the bytes were cut. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasCode } from '../../../shared/base/errors.ts';
import { FrameReader } from '../../../shared/zookeeper/frames.ts';

const MAX = 1_000;

function stream(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const head = Buffer.alloc(4);
      head.writeInt32BE(frame.length);
      return [head, frame];
    }),
  );
}

function collect(): { reader: FrameReader; frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  const reader = new FrameReader(MAX, (buffer, start, end) => {
    frames.push(Uint8Array.from(buffer.subarray(start, end)));
  });
  return { reader, frames };
}

const someFrames = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });

describe('FrameReader', () => {
  it('gives the frames of any stream, cut at every index', () => {
    fc.assert(
      fc.property(someFrames, (frames) => {
        const bytes = stream(frames);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const out = collect();
          out.reader.feed(bytes.subarray(0, cut));
          out.reader.feed(bytes.subarray(cut));
          assert.deepEqual(out.frames, frames);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives the frames byte by byte and in pieces of any size', () => {
    fc.assert(
      fc.property(
        someFrames,
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (frames, sizes) => {
          const bytes = stream(frames);
          const single = collect();
          for (const byte of bytes) single.reader.feed(Buffer.of(byte));
          assert.deepEqual(single.frames, frames);
          const pieces = collect();
          for (let at = 0; at < bytes.length;) {
            const { value: size } = sizes.next() as { value: number };
            pieces.reader.feed(bytes.subarray(at, at + size));
            at += size;
          }
          assert.deepEqual(pieces.frames, frames);
        },
      ),
    );
  });

  it('refuses a length over the limit as soon as the length is there', () => {
    for (const length of [MAX + 1, 0x7fff_ffff, -1, -0x8000_0000]) {
      const head = Buffer.alloc(4);
      head.writeInt32BE(length);
      const { reader } = collect();
      reader.feed(head.subarray(0, 3));
      assert.throws(
        () => {
          reader.feed(head.subarray(3));
        },
        (error) => hasCode(error, 'ZK_PROTOCOL'),
      );
    }
  });

  it('takes a frame of exactly the limit', () => {
    const { reader, frames } = collect();
    reader.feed(stream([new Uint8Array(MAX)]));
    assert.equal(frames[0]?.length, MAX);
  });
});
