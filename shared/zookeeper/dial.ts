/** Opens one TCP or TLS connection; gives it up when the signal says so. */
import * as net from 'node:net';
import * as tls from 'node:tls';
import type { ZooKeeperError } from '../base/errors.ts';
import { abortReason, throwIfAborted } from '../base/wait.ts';
import { lostError, tlsError } from './errors.ts';
import type { Target } from './hosts.ts';
import { isUnknownAuthority, type TlsSettings } from './tls.ts';

export interface Call {
  readonly target: Target;
  readonly tls: TlsSettings | undefined;
  /** The connection is under way. */
  readonly onDial?: () => void;
}

/** Tries once more, with the system's CAs, where the given one does not know the server. */
export async function dial(call: Call, signal: AbortSignal): Promise<net.Socket> {
  try {
    return await dialOnce(call, signal);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isUnknownAuthority(cause) || call.tls?.trustSystem() !== true) throw error;
    return await dialOnce(call, signal);
  }
}

async function dialOnce(
  { target, tls: settings, onDial }: Call,
  signal: AbortSignal,
): Promise<net.Socket> {
  throwIfAborted(signal);
  const address = { host: target.address, port: target.port };
  const options = await settings?.connectOptions(target);
  throwIfAborted(signal);
  const socket = options ? tls.connect({ ...options, ...address }) : net.connect(address);
  socket.setNoDelay(true);
  const opening = opened(socket, options ? 'secureConnect' : 'connect', signal);
  onDial?.();
  return opening;
}

function opened(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (!error) {
        resolve(socket);
        return;
      }
      // A late error of a socket that was given up interests nobody.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onOpen = (): void => {
      finish();
    };
    const onError = (error: Error): void => {
      finish(event === 'secureConnect' ? dialError(error) : lostError(error.message, error));
    };
    const onClose = (): void => {
      finish(lostError('closed before it was ready'));
    };
    const onAbort = (): void => {
      finish(abortReason(signal));
    };
    socket.once(event, onOpen).once('error', onError).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Refused and unreachable are no matter of TLS. */
function dialError(error: Error): ZooKeeperError {
  const isNetwork = 'syscall' in error && error.syscall === 'connect';
  return isNetwork ? lostError(error.message, error) : tlsError(`TLS: ${error.message}`, error);
}
