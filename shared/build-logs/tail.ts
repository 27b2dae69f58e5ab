/** Where the last lines of a file begin. */
import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 65_536;
const LINE_FEED = 0x0a;

/**
 * The offset of the last `lines` lines; of all where there are not so many. A last line without its
 * end counts.
 */
export async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let left = lines;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      // The end of the last line begins no other.
      if (block[at] !== LINE_FEED || start + at === size - 1) continue;
      left--;
      if (left === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}
