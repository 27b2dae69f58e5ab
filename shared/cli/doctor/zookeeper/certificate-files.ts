/** Our certificate, its key and the authority, as they lie in their files. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

import { messageOf } from '../../../base/errors.ts';
import type { CertificateFacts, OwnFilesFacts } from '../judge/certificates.ts';
import { certificatesOf, isSigned } from './chains.ts';

export interface OwnFiles {
  readonly facts: OwnFilesFacts;
  readonly certificates: readonly CertificateFacts[];
}

type Paths = Readonly<Record<'cert' | 'key' | 'ca', string>>;
interface Unreadable {
  readonly file: string;
  readonly reason: string;
}

export async function readOwnFiles(paths: Paths): Promise<OwnFiles> {
  const { cert, key, ca } = paths;
  const unreadable: Unreadable[] = [];
  const [chain, authorities, own, isKeyOpen] = await Promise.all([
    read(cert, certificatesOf, unreadable),
    read(ca, certificatesOf, unreadable),
    read(key, keyOf, unreadable),
    isOpen(key),
  ]);
  const [leaf] = chain ?? [];
  return {
    facts: {
      ...{ cert, key, ca, unreadable, isKeyOpen },
      keyMatches: leaf && own && leaf.checkPrivateKey(own),
      isSigned: leaf && authorities && isSigned(leaf, chain ?? [], authorities),
    },
    certificates: [
      ...(chain ?? []).map((one) => datesOf(one, cert, 'client certificate')),
      ...(authorities ?? []).map((one) => datesOf(one, ca, 'authority')),
    ],
  };
}

export function datesOf(
  { validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>,
  object: string,
  role: CertificateFacts['role'],
): CertificateFacts {
  const seconds = (text: string): number => Date.parse(text) / 1000;
  return { object, role, notBefore: seconds(validFrom), notAfter: seconds(validTo) };
}

async function read<T>(
  file: string,
  parse: (pem: string) => T,
  unreadable: Unreadable[],
): Promise<T | undefined> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    unreadable.push({ file, reason: `cannot be read: ${reasonOf(error)}` });
    return undefined;
  }
  try {
    return parse(pem);
  } catch {
    // The reason may repeat a part of what is in the file.
    unreadable.push({ file, reason: 'holds nothing of the kind in PEM form' });
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'it does not exist';
  return code === 'EACCES' ? 'the user of this process may not' : messageOf(error);
}

function keyOf(pem: string): KeyObject {
  return createPrivateKey(pem);
}

/** Whether everybody on this machine may read it. */
export async function isOpen(file: string): Promise<boolean> {
  const OTHERS_READ = 0o004;
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && (found.mode & OTHERS_READ) !== 0;
}
