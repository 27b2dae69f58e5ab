/**
 * Dashboards as their launcher sees them: so many readers of its stream of events, in a process of their
 * own. Each takes what comes, compressed, and throws it away: browsers are on other machines.
 *
 *   node readers.ts URL COUNT
 *
 * Prints `open` when all have the whole snapshot; at the end of its standard input one JSON object.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';

/** One of each topic, so the snapshot has come. */
const TOPICS = 6;
const SYNCED = Buffer.from('event: synced\n');

async function open(url: string): Promise<{ response: IncomingMessage; bytes: () => number }> {
  const headers = { 'accept-encoding': 'gzip' };
  const [response] = (await once(get(url, { agent: false, headers }), 'response')) as [
    IncomingMessage,
  ];
  if (response.statusCode !== 200) throw new Error(`the launcher answers ${response.statusCode}`);
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  await untilSynced(response);
  return { response, bytes: () => bytes };
}

async function untilSynced(response: IncomingMessage): Promise<void> {
  const plain = response.pipe(createGunzip());
  let synced = 0;
  for await (const piece of plain as AsyncIterable<Buffer>) {
    for (let at = piece.indexOf(SYNCED); at >= 0; at = piece.indexOf(SYNCED, at + 1)) synced++;
    if (synced < TOPICS) continue;
    response.unpipe(plain);
    response.resume();
    return;
  }
  throw new Error('the stream ended');
}

const [url = '', count = '100'] = process.argv.slice(2);
const readers = await Promise.all(Array.from({ length: Number(count) }, () => open(url)));
const snapshot = readers.reduce((sum, one) => sum + one.bytes(), 0);
process.stdout.write('open\n');
process.stdin.resume();
await once(process.stdin, 'end');
const bytes = readers.reduce((sum, one) => sum + one.bytes(), 0);
const lost = readers.filter(({ response }) => response.destroyed).length;
process.stdout.write(`${JSON.stringify({ snapshot, changes: bytes - snapshot, lost })}\n`);
for (const { response } of readers) response.destroy();
process.exit(0);
