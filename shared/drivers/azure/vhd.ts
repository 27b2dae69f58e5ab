/**
 * The one format of disks that Azure takes: a VHD of fixed size, which is the raw disk and 512 bytes
 * that describe it.
 *
 * Facts: Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format";
 * learn.microsoft.com, "Prepare a Windows VHD to upload to Azure": the disk is whole mebibytes.
 */
import { open } from 'node:fs/promises';

import { CloudError } from '../../base/errors.ts';

export const FOOTER_BYTES = 512;
const COOKIE = 'conectix';
/** Offsets in the footer. */
const CURRENT_SIZE = 48;
const DISK_TYPE = 60;
const DISK_TYPES: Readonly<Record<number, string>> = {
  2: 'fixed',
  3: 'dynamic',
  4: 'differencing',
};
const MEBIBYTE = 1 << 20;

const HINT =
  'Azure takes a VHD of fixed size only: `qemu-img convert -f raw -O vpc -o subformat=fixed,force_size` ' +
  'makes one of a raw disk of whole mebibytes';

/**
 * The file's size in bytes, if Azure takes it.
 *
 * @throws CloudError NP_CLOUD_FATAL: what is wrong with it.
 */
export async function checkedVhdBytes(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const footer = Buffer.alloc(FOOTER_BYTES);
    if (size > FOOTER_BYTES) await handle.read(footer, 0, FOOTER_BYTES, size - FOOTER_BYTES);
    const problem = vhdProblem(footer, size);
    if (problem === undefined) return size;
    throw new CloudError('NP_CLOUD_FATAL', `${file}: ${problem}`, { hint: HINT });
  } finally {
    await handle.close();
  }
}

/** `footer`: the last 512 bytes of a file of so many bytes. Undefined: all is well. Pure. */
export function vhdProblem(footer: Buffer, bytes: number): string | undefined {
  if (footer.toString('latin1', 0, COOKIE.length) !== COOKIE)
    return 'it is no VHD: it has no footer';
  const type = footer.readUInt32BE(DISK_TYPE);
  if (type !== 2) return `it is a VHD of type ${DISK_TYPES[type] ?? type}, not of fixed size`;
  const disk = bytes - FOOTER_BYTES;
  const stated = footer.readBigUInt64BE(CURRENT_SIZE);
  if (stated !== BigInt(disk))
    return `it holds ${disk} bytes of a disk of ${stated} bytes: it is not whole`;
  if (disk % MEBIBYTE !== 0) return `its disk has ${disk} bytes, which are no whole mebibytes`;
  return undefined;
}
