import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ImageFile } from '../../../shared/cloud/image-file.ts';

const BYTES = Buffer.alloc((2 << 20) + 5, 'image');
const hashOf = (name: string): string => createHash(name).update(BYTES).digest('hex');

/** It changes with each reading. */
const sumsOf = (file: ImageFile) => file.checksums;

describe('ImageFile', () => {
  let folder = '';
  let path = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-file-'));
    path = join(folder, 'image');
    await writeFile(path, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  const readAll = async (file: ImageFile): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read()) pieces.push(piece);
    assert.ok(pieces.length >= 3, 'piece by piece');
    return Buffer.concat(pieces);
  };

  it('gives the bytes in pieces, then their checksums', async () => {
    const file = new ImageFile(path, BYTES.length, undefined);
    assert.ok(!sumsOf(file));
    assert.ok((await readAll(file)).equals(BYTES));
    const [md5, sha256, sha512] = ['md5', 'sha256', 'sha512'].map(hashOf);
    assert.deepEqual(sumsOf(file), { md5, sha256, sha512 });
  });

  it('tells how far it is, when a piece was taken', async () => {
    const told: [number, number][] = [];
    const file = new ImageFile(path, BYTES.length, (sent, total) => {
      told.push([sent, total]);
    });
    const reading = file.read();
    await reading.next();
    assert.equal(told.length, 0);
    for await (const piece of reading) assert.ok(piece.length > 0);
    assert.equal(told.at(-1)?.[0], BYTES.length);
    assert.ok(told.every(([, total]) => total === BYTES.length));
  });

  it('has no checksums of what was read in part, though it was read before', async () => {
    const file = new ImageFile(path, BYTES.length, undefined);
    await readAll(file);
    for await (const piece of file.read()) {
      assert.ok(piece.length > 0);
      break;
    }
    assert.ok(!sumsOf(file));
    await readAll(file);
    assert.equal(sumsOf(file)?.md5, hashOf('md5'));
  });

  it('fails where there is no file', async () => {
    const file = new ImageFile(join(folder, 'none'), 5, undefined);
    await assert.rejects(readAll(file), { code: 'ENOENT' });
  });
});
