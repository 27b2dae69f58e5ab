/** One TCP connection, or the reason why there is none, within a deadline. */
import { connect, type Socket } from 'node:net';

import type { Clock } from '../base/clock.ts';
import { throwIfAborted, withDeadline } from '../base/wait.ts';

export interface ConnectOptions {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Resolves with an open socket, which the caller destroys. Errors say where and why. */
export function connectTcp(options: ConnectOptions): Promise<Socket> {
  const { host, port, timeoutMs, clock, signal } = options;
  const error = (): Error => new Error(`no answer from ${host} port ${port} in ${timeoutMs} ms`);
  return withDeadline({ clock, ms: timeoutMs, signal, error }, (inner) => open(host, port, inner));
}

function open(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const socket = connect({ host, port });
    // Stays for good, as the signal is of this call alone: were it aborted in the moment in which
    // the socket opens, nobody would own the socket.
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('connect', () => {
      resolve(socket);
    });
    // Stays, too: a socket may fail after its end, when nobody looks any more.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      reject(new Error(`cannot connect to ${host} port ${port}: ${reason}`, { cause: error }));
    });
  });
}
