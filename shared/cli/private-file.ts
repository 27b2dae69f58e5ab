/**
 * Writes files that only their owner may read, whole or not at all: a file of that name stays as it is
 * until the new one is complete.
 */
import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/** Devices and pipes, such as /dev/stdout, are written to and not replaced. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) {
    await writeFile(path, text);
    return;
  }
  // A link stays one.
  const target = existing === undefined ? path : await realpath(path);
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
