import assert from 'node:assert/strict';
import { Readable } from 'node:stream';

import { readPull } from '../../../../../builder/dib/container/pull.ts';

describe('the report on a pull', () => {
  const report = (...pieces: string[]) => Readable.from(pieces.map((piece) => Buffer.from(piece)));

  it('is read to its end', async () => {
    await readPull(report('{"status":"Pulling"}\r\n{"sta', 'tus":"Done"}\r\n\r\n'));
  });

  it('tells what went wrong', async () => {
    const lines = report(
      '{"status":"Pulling"}\r\n',
      '{"errorDetail":{},"error":"no space left"}\r\n',
    );
    await assert.rejects(readPull(lines), /no space left/);
  });

  it('may break off', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('socket hang up'));
      },
    });
    await assert.rejects(readPull(broken), /socket hang up/);
  });
});
