/** What a server sends to one client that reads its host key: material to be broken on purpose. */
import { connect, createServer } from 'node:net';

import { portOf } from '../../fixtures/processes/ports.ts';

/** Lets `client` talk to the server through a wire-tap and answers the server's bytes. */
export async function recordServer(
  port: number,
  client: (port: number) => Promise<unknown>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const tap = createServer((socket) => {
    const server = connect({ host: '127.0.0.1', port });
    for (const end of [socket, server]) end.on('error', () => undefined);
    server.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    tap.listen(0, '127.0.0.1', () => {
      resolve();
    });
  });
  try {
    await client(portOf(tap));
  } finally {
    await new Promise((resolve) => tap.close(resolve));
  }
  return Buffer.concat(chunks);
}
