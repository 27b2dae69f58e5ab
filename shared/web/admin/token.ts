/**
 * The token with which operators may act through the web: from the environment, or from a file that is
 * looked at again whenever somebody asks, so that it can be replaced while the launcher runs. Neither
 * logs nor answers ever have it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';

import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';

export interface AdminTokenOptions {
  /** Path of the file as of now: a new configuration may name another. Undefined: there is none. */
  readonly file: () => string | undefined;
  /** Stands over the file. Empty or undefined: none. */
  readonly fromEnvironment: string | undefined;
  readonly log: Logger;
}

/** Far more than any token; what is beyond is no file of one. */
const MOST_BYTES = 4096;
const LEAST_LENGTH = 16;
const OTHERS_MAY_READ = 0o004;

export class AdminToken {
  readonly #options: AdminTokenOptions;
  #digest: Buffer | undefined;
  /** What was said of the file last: each thing once. */
  #said = '';

  constructor(options: AdminTokenOptions) {
    this.#options = options;
    this.#digest = digestOf(options.fromEnvironment);
  }

  /** Whether there was a token when it was looked for last. */
  get isConfigured(): boolean {
    return this.#digest !== undefined;
  }

  /** Looks for the token again. Never fails: without a token nobody may act, and the log says why. */
  async refresh(): Promise<void> {
    const { file, fromEnvironment } = this.#options;
    if (fromEnvironment) return;
    const path = file();
    if (path === undefined) this.#digest = undefined;
    else await this.#read(path);
  }

  /** Takes as long for a wrong text as for the right one. */
  matches(text: string): boolean {
    const own = this.#digest;
    return own !== undefined && timingSafeEqual(own, sha256(text));
  }

  async #read(path: string): Promise<void> {
    try {
      const { text, mode } = await readShort(path);
      this.#digest = digestOf(text);
      const problem = problemOf(text.trim(), mode);
      this.#say(problem, () => {
        this.#options.log.warn('file of the admin token', { path, problem });
      });
    } catch (error) {
      this.#digest = undefined;
      const reason = messageOf(error);
      this.#say(reason, () => {
        this.#options.log.error('the admin token cannot be read; nobody may act', { path, reason });
      });
    }
  }

  #say(what: string, say: () => void): void {
    if (what === this.#said) return;
    this.#said = what;
    if (what !== '') say();
  }
}

async function readShort(path: string): Promise<{ text: string; mode: number }> {
  const file = await open(path);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1);
    if (bytesRead > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
    return { text: buffer.toString('utf8', 0, bytesRead), mode: stat.mode };
  } finally {
    await file.close();
  }
}

/** Empty: there is none. */
function problemOf(token: string, mode: number): string {
  if (token === '') return 'it is empty; nobody may act';
  if ((mode & OTHERS_MAY_READ) !== 0) return 'all users of this machine may read it';
  if (token.length < LEAST_LENGTH) return `it has fewer than ${LEAST_LENGTH} characters`;
  return '';
}

/** Undefined: there is no token in it. */
function digestOf(text: string | undefined): Buffer | undefined {
  const token = text?.trim() ?? '';
  return token === '' ? undefined : sha256(token);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
