import assert from 'node:assert/strict';
import fc from 'fast-check';

import { FrameReader } from '../../../../../builder/dib/container/frames.ts';
import { frame } from './frame.ts';

/** Cut at these places, taken round its length. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((one) => one % (whole.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [...ends, whole.length].map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

describe('what a container says', () => {
  it('is read out of frames, however they are cut, less what is known', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), fc.constantFrom(1, 2))),
        fc.array(fc.nat(400), { maxLength: 12 }),
        fc.nat(60),
        (texts, places, skip) => {
          const whole = Buffer.concat(texts.map(([text, stream]) => frame(text, stream)));
          const reader = new FrameReader(skip);
          const read = cut(whole, places).flatMap((piece) => reader.read(piece));
          const said = Buffer.from(texts.map(([text]) => text).join(''));
          assert.deepEqual(Buffer.concat(read), said.subarray(skip));
        },
      ),
    );
  });
});
