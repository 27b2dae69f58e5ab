/** Small disks as Azure takes them, for tests. */
const FOOTER_BYTES = 512;
const MEBIBYTE = 1 << 20;

/** The last 512 bytes of a VHD with a disk of so many bytes. `type`: 2 is fixed. */
export function vhdFooter(diskBytes: number, type = 2): Buffer {
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.write('conectix', 0, 'latin1');
  footer.writeBigUInt64BE(BigInt(diskBytes), 40);
  footer.writeBigUInt64BE(BigInt(diskBytes), 48);
  footer.writeUInt32BE(type, 60);
  return footer;
}

/** A VHD of so many mebibytes that are zero but for those that are named, which have that byte. */
export function vhdBytes(mebibytes: number, filled: Readonly<Record<number, number>>): Buffer {
  const disk = Buffer.alloc(mebibytes * MEBIBYTE);
  for (const [index, byte] of Object.entries(filled)) disk[Number(index) * MEBIBYTE + 7] = byte;
  return Buffer.concat([disk, vhdFooter(disk.length)]);
}
