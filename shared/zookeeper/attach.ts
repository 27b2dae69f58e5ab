/**
 * One attempt at one server: connect, then ask for the session or for a new one.
 *
 * Answers a connection that carries the session, or `refused` where the server knows it no longer.
 * Whatever else goes wrong closes the connection and is an error; so is a server that is cut off
 * from its ensemble (read-only), because what it shows may be old.
 */
import { messageOf } from '../base/errors.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { dial } from './dial.ts';
import { lostError, protocolError } from './errors.ts';
import type { Target } from './hosts.ts';
import type { ConnectRequest, ConnectResponse } from './protocol.ts';
import type { TlsSettings } from './tls.ts';

export interface Attempt {
  readonly target: Target;
  readonly tls: TlsSettings | undefined;
  /** The server has been dialled. */
  readonly onDial: () => void;
  readonly request: ConnectRequest;
  readonly connection: Omit<ConnectionOptions, 'socket'>;
}

export interface Attached {
  readonly connection: Connection;
  readonly response: ConnectResponse;
}

export async function attach(
  { target, tls, onDial, request, connection: options }: Attempt,
  signal: AbortSignal,
): Promise<Attached | 'refused'> {
  const socket = await dial({ target, tls, onDial }, signal);
  const connection = new Connection({ ...options, socket });
  const giveUp = (): void => {
    connection.end(lostError(messageOf(signal.reason)));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const response = await connection.greet(request);
    if (response.timeoutMs > 0) {
      check(request, response);
      return { connection, response };
    }
    if (request.sessionId === 0n) throw protocolError('the server refuses to make a session');
    connection.end(lostError('the session is gone'));
    return 'refused';
  } catch (error) {
    connection.end(lostError('not attached'));
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function check({ sessionId }: ConnectRequest, response: ConnectResponse): void {
  if (response.isReadOnly) throw lostError('the server is read-only, cut off from the others');
  if (sessionId !== 0n && sessionId !== response.sessionId) {
    throw protocolError('the server answered with another session');
  }
}
