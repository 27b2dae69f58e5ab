/**
 * Reads one host key over one connection: an SSH handshake that accepts only one algorithm, so that
 * the server proves that key, and nothing after it. Never asks for authentication.
 *
 * `ssh2` is loaded with the first key, not before. Order of algorithms: paramiko 5, which is the
 * order in which Python Nodepool stores keys.
 */
import type { Socket } from 'node:net';

import type {
  AlgorithmList,
  CipherAlgorithm,
  Client,
  KexAlgorithm,
  ServerHostKeyAlgorithm,
} from 'ssh2';

import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/wait.ts';

export const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  // The same key by two signatures: it is stored twice, as Python Nodepool does.
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const satisfies readonly ServerHostKeyAlgorithm[];

export type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number];

/** For old network devices. Nothing secret goes over the connection, so their age does no harm. */
const KEX: AlgorithmList<KexAlgorithm> = {
  append: ['diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  prepend: [],
  remove: [],
};
const CIPHERS: AlgorithmList<CipherAlgorithm> = {
  append: ['aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'],
  prepend: [],
  remove: [],
};

export interface ReadOptions {
  readonly algorithm: HostKeyAlgorithm;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The key as `<type> <base64>`, or undefined where the server has none of this algorithm. The
 * socket is used up in any case.
 */
export async function readHostKey(
  socket: Socket,
  options: ReadOptions,
): Promise<string | undefined> {
  const { timeoutMs, clock, signal } = options;
  const error = (): Error => new Error(`no SSH handshake in ${timeoutMs} ms`);
  try {
    return await withDeadline({ clock, ms: timeoutMs, signal, error }, async () => {
      const { default: ssh2 } = await import('ssh2');
      return shakeHands(new ssh2.Client(), socket, options.algorithm);
    });
  } finally {
    socket.destroy();
  }
}

function shakeHands(
  client: Client,
  socket: Socket,
  algorithm: HostKeyAlgorithm,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let key: Buffer | undefined;
    const onClose = (): void => {
      reject(new Error('the connection was closed during the handshake'));
    };
    // A host that closes at once may have done so before anybody listened.
    if (socket.destroyed) {
      onClose();
      return;
    }
    socket.once('close', onClose);
    client.on('error', (error) => {
      if (error.message.includes('no matching host key')) resolve(undefined);
      else reject(error);
    });
    // Comes after the server has proved the key, and before anything else is asked for.
    client.on('handshake', () => {
      socket.destroy();
      resolve(key && formatKey(key));
    });
    client.connect({
      sock: socket,
      username: 'nobody',
      readyTimeout: 0,
      hostVerifier: (shown: Buffer) => {
        key = shown;
        return true;
      },
      algorithms: {
        kex: KEX,
        cipher: CIPHERS,
        serverHostKey: [algorithm],
      },
    });
  });
}

/** A key begins with its type: four bytes of length, then the name. */
function formatKey(key: Buffer): string {
  const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
  return `${type} ${key.toString('base64')}`;
}
