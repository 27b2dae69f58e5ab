/** Who this builder is: a name of its own that is kept beside the images, and its host's. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { unlessMissing } from '../../shared/base/unless-missing.ts';

/** Facts: nodepool/builder.py; the file has no line end. */
const FILE = 'builder_id.txt';
const HOSTNAME_MS = 5000;

/** Reads the builder's id, or makes one. */
export async function builderIdIn(imagesDir: string): Promise<string> {
  const path = join(imagesDir, FILE);
  const known = (await unlessMissing(readFile(path, 'utf8')))?.trim();
  if (known !== undefined && known !== '') return known;
  const id = randomUUID();
  await writeFile(path, id);
  return id;
}

/**
 * The host's full name, as Python's `socket.getfqdn` has it: of the names that the host's address has,
 * the first one with a dot, else the first one. The short one where the system does not tell.
 */
export async function fullHostname(ask = askSystem): Promise<string> {
  const short = hostname();
  try {
    const [address = ''] = await ask('ahosts', short);
    const [, ...names] = await ask('hosts', address);
    return names.find((one) => one.includes('.')) ?? names[0] ?? short;
  } catch {
    return short;
  }
}

/** Words of the first line: an address, and names or what kind it is. */
async function askSystem(database: 'ahosts' | 'hosts', key: string): Promise<readonly string[]> {
  const options = { timeout: HOSTNAME_MS };
  const { stdout } = await promisify(execFile)('getent', [database, key], options);
  return (stdout.split('\n')[0] ?? '').trim().split(/\s+/);
}
