/** Who this builder is: a name of its own that is kept beside the images, and its host's. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Facts: nodepool/builder.py; the file has no line end. */
const FILE = 'builder_id.txt';
const HOSTNAME_MS = 5000;

/** Reads the builder's id, or makes one. */
export async function builderIdIn(imagesDir: string): Promise<string> {
  const path = join(imagesDir, FILE);
  try {
    const id = (await readFile(path, 'utf8')).trim();
    if (id !== '') return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomUUID();
  await writeFile(path, id);
  return id;
}

/** The host's full name, as Python's `getfqdn` has it; its short one where the system knows no other. */
export async function fullHostname(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('hostname', ['-f'], { timeout: HOSTNAME_MS });
    const name = stdout.trim();
    return name === '' ? hostname() : name;
  } catch {
    return hostname();
  }
}
