/**
 * Asks one server for its state by `srvr`, the one administrator's word that servers take unless told
 * otherwise. Source: ZooKeeper Administrator's Guide, "The Four Letter Words".
 */
import type { Socket } from 'node:net';

import { onAbort } from '../../../base/wait.ts';
import type { ServerStatus } from '../judge/servers.ts';

/** It is some 200 bytes long. */
const MAX_LENGTH = 10_000;

/** Resolves with what comes until the server closes; ends the socket. */
export function askSrvr(socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const forget = onAbort(signal, () => {
      socket.destroy();
    });
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_LENGTH) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      forget();
      resolve(text);
    });
    socket.write('srvr');
  });
}

/** Undefined: it is not allowed there, or no such answer. */
export function parseSrvr(text: string): ServerStatus | undefined {
  if (text.includes('not currently serving requests'))
    return { version: '', mode: 'not serving', zxid: undefined };
  const mode = /^Mode: (.+)$/m.exec(text)?.[1]?.trim();
  if (mode === undefined) return undefined;
  const version = /^Zookeeper version: (\d+\.\d+\.\d+)/m.exec(text)?.[1] ?? '';
  const zxid = /^Zxid: (0x[0-9a-f]+)$/im.exec(text)?.[1];
  return { version, mode, zxid: zxid === undefined ? undefined : BigInt(zxid) };
}
