/**
 * The secret of this builder by which it records values that may be secret, so that it knows them again
 * and nobody else can try what they may be.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { unlessMissing } from '../../shared/base/unless-missing.ts';

/** No name that a Python builder would take for a file of a build, and delete. */
const FILE = '.inputs.key';
const BYTES = 32;
const NAME_DIGITS = 16;

export class InputsKey {
  readonly #path: string;
  #key: Promise<Buffer> | undefined;

  constructor(imagesDir: string) {
    this.#path = join(imagesDir, FILE);
  }

  /** Read, or made at the first call. */
  get(): Promise<Buffer> {
    this.#key ??= readOrMake(this.#path).catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }
}

/** Tells keys apart, and nothing of them. */
export function nameOfKey(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, NAME_DIGITS);
}

async function readOrMake(path: string): Promise<Buffer> {
  const known = await readKey(path);
  if (known !== undefined) return known;
  const key = randomBytes(BYTES);
  await writeFile(path, key.toString('hex'), { mode: 0o600 });
  return key;
}

async function readKey(path: string): Promise<Buffer | undefined> {
  const text = await unlessMissing(readFile(path, 'utf8'));
  const key = Buffer.from(text?.trim() ?? '', 'hex');
  return key.length === BYTES ? key : undefined;
}
