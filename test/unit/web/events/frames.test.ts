import assert from 'node:assert/strict';
import { createGunzip } from 'node:zlib';
import fc from 'fast-check';

import { eventFrame, GZIP_HEAD, PING } from '../../../../shared/web/events/frames.ts';

describe('frames of the event stream', () => {
  it('compressed each for itself are one stream in any order, told as they come', async () => {
    const text = fc
      .string({ maxLength: 2000, size: 'max' })
      .map((one) => JSON.stringify(one.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(text, fc.constant('ping')), { maxLength: 8 }),
        async (all) => {
          const frames = all.map((one) => (one === 'ping' ? PING : eventFrame('x', one)));
          const gunzip = createGunzip();
          let got = '';
          gunzip.setEncoding('utf8').on('data', (piece: string) => (got += piece));
          await write(gunzip, GZIP_HEAD);
          let sent = '';
          for (const frame of frames) {
            sent += frame.plain.toString();
            await write(gunzip, frame.packed);
            assert.equal(got, sent);
          }
          gunzip.destroy();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are compressed well and once', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({ id: i, state: 'in-use', pool: 'main' }));
    const frame = eventFrame('change', JSON.stringify(rows));
    assert.ok(frame.packed.length * 5 < frame.plain.length);
    assert.equal(frame.packed, frame.packed);
  });
});

/** Resolves when all of it has been decompressed. */
function write(stream: NodeJS.WritableStream, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else setImmediate(resolve);
    });
  });
}
