import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hasCode } from '../../../../shared/base/errors.ts';
import { checkedVhdBytes, vhdProblem } from '../../../../shared/drivers/azure/vhd.ts';
import { vhdBytes, vhdFooter } from '../../../support/vhd-file.ts';

const MIB = 1 << 20;

describe('a disk image for Azure', () => {
  it('is whole mebibytes and a footer of fixed size', () => {
    assert.equal(vhdProblem(vhdFooter(3 * MIB), 3 * MIB + 512), undefined);
  });

  const cases: readonly [string, Buffer, number, RegExp][] = [
    ['no VHD', Buffer.alloc(512), 3 * MIB, /no footer/],
    ['dynamic', vhdFooter(3 * MIB, 3), 3 * MIB + 512, /type dynamic/],
    ['of a type that nobody knows', vhdFooter(3 * MIB, 9), 3 * MIB + 512, /type 9/],
    ['cut', vhdFooter(3 * MIB), 2 * MIB + 512, /not whole/],
    ['not aligned', vhdFooter(MIB + 512), MIB + 1024, /no whole mebibytes/],
  ];
  for (const [name, footer, bytes, expected] of cases)
    it(`is refused where it is ${name}`, () => {
      assert.match(vhdProblem(footer, bytes) ?? '', expected);
    });

  describe('as a file', () => {
    let folder = '';
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vhd-'));
    });
    after(() => rm(folder, { recursive: true }));

    it('gives its size', async () => {
      const file = join(folder, 'good');
      await writeFile(file, vhdBytes(2, { 1: 9 }));
      assert.equal(await checkedVhdBytes(file), 2 * MIB + 512);
    });

    for (const bytes of [0, 100, 512, MIB])
      it(`is refused with its name and what to do: ${bytes} bytes`, async () => {
        const file = join(folder, `bad-${bytes}`);
        await writeFile(file, Buffer.alloc(bytes));
        await assert.rejects(checkedVhdBytes(file), (error: Error & { hint?: string }) => {
          assert.ok(error.message.includes(file));
          assert.match(error.hint ?? '', /subformat=fixed/);
          return hasCode(error, 'NP_CLOUD_FATAL');
        });
      });
  });
});
