/** One connection against a socket that the test holds in its hand. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { ManualClock, settle } from '../../../fixtures/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import type { ZooKeeperError } from '../../../shared/base/errors.ts';
import { Call } from '../../../shared/zookeeper/call.ts';
import type { PendingCall } from '../../../shared/zookeeper/call.ts';
import { Connection } from '../../../shared/zookeeper/connection.ts';
import type { ConnectionCounters } from '../../../shared/zookeeper/connection.ts';
import { isNoNode, lostError } from '../../../shared/zookeeper/errors.ts';
import {
  existsOperation,
  getOperation,
  setOperation,
} from '../../../shared/zookeeper/operations.ts';
import type { ServerEvent } from '../../../shared/zookeeper/protocol.ts';
import { connectResponse, eventFrame, replyFrame, STAT, writeStat } from './frames-of-server.ts';

/** Remembers what is written, and says what the test wants it to say. */
class FakeSocket extends Duplex {
  readonly writes: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    done();
  }
  /** Op codes and xids of what was written, the handshake left out. */
  get requests(): { xid: number; op: number }[] {
    const bytes = Buffer.concat(this.writes);
    const found: { xid: number; op: number }[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
      found.push({ xid: bytes.readInt32BE(at + 4), op: bytes.readInt32BE(at + 8) });
    }
    return found.slice(1);
  }
}

interface Rig {
  readonly socket: FakeSocket;
  readonly clock: ManualClock;
  readonly connection: Connection;
  readonly counters: ConnectionCounters;
  readonly events: ServerEvent[];
  readonly ends: { error: ZooKeeperError; unanswered: PendingCall[] }[];
}

const TIMEOUT_MS = 6_000;

function greeting(maxRequestBytes = 1_000): Rig {
  const socket = new FakeSocket();
  const clock = new ManualClock();
  const events: ServerEvent[] = [];
  const ends: Rig['ends'] = [];
  const counters: ConnectionCounters = {
    requests: 0,
    replies: 0,
    events: 0,
    pings: 0,
    writes: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
  const connection = new Connection({
    socket,
    clock,
    maxFrameBytes: 10_000,
    maxRequestBytes,
    counters,
    onEvent: (event) => events.push(event),
    onEnd: (_connection, error, unanswered) => ends.push({ error, unanswered }),
    onReply: undefined,
  });
  return { socket, clock, connection, counters, events, ends };
}

const REQUEST = { lastZxid: 0n, timeoutMs: TIMEOUT_MS, sessionId: 0n, password: Buffer.alloc(16) };

/** A connection that stands. */
async function open(maxRequestBytes?: number): Promise<Rig> {
  const rig = greeting(maxRequestBytes);
  const greeted = rig.connection.greet(REQUEST);
  rig.socket.push(connectResponse());
  assert.equal((await greeted).timeoutMs, TIMEOUT_MS);
  rig.connection.keepAlive(TIMEOUT_MS);
  return rig;
}

function send({ connection, clock }: Rig, path = '/a'): Call<string, unknown> {
  const now = clock.monotonic();
  const call = new Call<string, unknown>(existsOperation, path, { now, timeoutMs: 1_000 });
  connection.send(call, now);
  return call;
}

describe('Connection', () => {
  it('sends what was asked for in one turn in one write', async () => {
    const rig = await open();
    const before = rig.counters.writes;
    for (let i = 0; i < 10; i++) send(rig);
    await settle();
    assert.equal(rig.counters.writes - before, 1);
    assert.deepEqual(
      rig.socket.requests.map((request) => request.xid),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  it('settles calls in the order of the replies, however their bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (size) => {
        const rig = await open();
        const calls = [send(rig), send(rig), send(rig)];
        const bytes = Buffer.concat([
          replyFrame({ xid: 1, body: writeStat }),
          eventFrame(3, '/a'),
          replyFrame({ xid: 2, error: -101 }),
          replyFrame({ xid: 3, body: writeStat }),
        ]);
        for (let at = 0; at < bytes.length; at += size)
          rig.socket.push(bytes.subarray(at, at + size));
        const answers = await Promise.all(calls.map((call) => call.promise));
        assert.deepEqual(answers, [STAT, undefined, STAT]);
        assert.deepEqual(rig.events, [{ type: 3, path: '/a' }]);
      }),
      { numRuns: 20 },
    );
  });

  it('rejects a call with the error of the server', async () => {
    const rig = await open();
    const call = new Call(getOperation, '/a', { now: 0, timeoutMs: 1 });
    rig.connection.send(call, 0);
    rig.socket.push(replyFrame({ xid: 1, error: -101 }));
    await assert.rejects(call.promise, isNoNode);
  });

  it('ends with ZK_PROTOCOL on a reply out of order and gives back what is open', async () => {
    const rig = await open();
    const calls = [send(rig), send(rig)];
    rig.socket.push(replyFrame({ xid: 2, body: writeStat }));
    await settle();
    assert.ok(hasCode(rig.ends[0]?.error, 'ZK_PROTOCOL'));
    assert.deepEqual(rig.ends[0]?.unanswered, calls);
    assert.ok(rig.socket.destroyed);
  });

  it('gives back the call whose reply makes no sense', async () => {
    const rig = await open();
    const call = send(rig);
    rig.socket.push(replyFrame({ xid: 1 }));
    await settle();
    assert.ok(hasCode(rig.ends[0]?.error, 'ZK_PROTOCOL'));
    assert.deepEqual(rig.ends[0]?.unanswered, [call]);
    assert.equal(call.isSettled, false);
  });

  it('ends on every kind of random bytes with ZK_PROTOCOL or waits for more, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.boolean(),
        async (bytes, isOpen) => {
          const rig = isOpen ? await open() : greeting();
          const greeted = isOpen ? undefined : rig.connection.greet(REQUEST).catch(() => undefined);
          send(rig);
          rig.socket.push(Buffer.from(bytes));
          await settle();
          const end = rig.ends[0];
          if (end) assert.ok(hasCode(end.error, 'ZK_PROTOCOL'), String(end.error));
          rig.connection.end(lostError('the test is over'));
          rig.socket.destroy();
          await greeted;
        },
      ),
      { numRuns: 100 },
    );
  });

  it('drops the reply of a call that was given up', async () => {
    const rig = await open();
    const [first, second] = [send(rig), send(rig)];
    first.failWith('ZK_OPERATION_TIMEOUT', 'late');
    rig.socket.push(
      Buffer.concat([
        replyFrame({ xid: 1, body: writeStat }),
        replyFrame({ xid: 2, body: writeStat }),
      ]),
    );
    await assert.rejects(first.promise, (error) => hasCode(error, 'ZK_OPERATION_TIMEOUT'));
    assert.deepEqual(await second.promise, STAT);
  });

  it('pings after a third of the timeout without a word of its own', async () => {
    const rig = await open();
    await rig.clock.advance(TIMEOUT_MS / 3 - 1);
    assert.equal(rig.counters.pings, 0);
    await rig.clock.advance(1);
    assert.deepEqual(rig.socket.requests, [{ xid: -2, op: 11 }]);
  });

  it('leaves a server that says nothing for two thirds of the timeout', async () => {
    const rig = await open();
    await rig.clock.advance((2 * TIMEOUT_MS) / 3 - 1);
    assert.equal(rig.ends.length, 0);
    await rig.clock.advance(1);
    await settle();
    assert.ok(hasCode(rig.ends[0]?.error, 'ZK_CONNECTION_LOSS'));
  });

  it('leaves it although requests are still being sent', async () => {
    const rig = await open();
    for (let i = 0; i < 8; i++) {
      send(rig);
      await rig.clock.advance(TIMEOUT_MS / 12);
    }
    await settle();
    assert.equal(rig.ends.length, 1);
  });

  it('stays for as long as pings are answered', async () => {
    const rig = await open();
    for (let i = 0; i < 10; i++) {
      await rig.clock.advance(TIMEOUT_MS / 3);
      rig.socket.push(replyFrame({ xid: -2 }));
      await settle();
    }
    assert.equal(rig.ends.length, 0);
    assert.equal(rig.counters.pings, 10);
  });

  it('knows that the server heard of it when the answered request was sent, not later', async () => {
    const rig = await open();
    await rig.clock.advance(500);
    const call = send(rig);
    await rig.clock.advance(700);
    rig.socket.push(eventFrame(3, '/a'));
    await settle();
    assert.equal(rig.connection.heardAt, 0);
    rig.socket.push(replyFrame({ xid: 1, body: writeStat }));
    await call.promise;
    assert.equal(rig.connection.heardAt, 500);
  });

  it('remembers the last transaction, also beyond 32 bits', async () => {
    const rig = await open();
    const call = send(rig);
    rig.socket.push(replyFrame({ xid: 1, zxid: 0x1_ffff_ffffn, body: writeStat }));
    await call.promise;
    rig.socket.push(eventFrame(3, '/a'));
    await settle();
    assert.equal(rig.connection.lastZxid, 0x1_ffff_ffffn);
  });

  it('refuses a request over the limit and goes on with the next', async () => {
    const rig = await open(200);
    const args = { path: '/a', data: Buffer.alloc(300), version: -1 };
    const large = new Call(setOperation, args, { now: 0, timeoutMs: 1 });
    rig.connection.send(large, 0);
    await assert.rejects(large.promise, (error) => hasCode(error, 'ZK_TOO_LARGE'));
    const call = send(rig);
    rig.socket.push(replyFrame({ xid: 1, body: writeStat }));
    assert.deepEqual(await call.promise, STAT);
  });

  it('ends once, with its first reason, and leaves no timer', async () => {
    const rig = await open();
    rig.socket.destroy(new Error('cable'));
    await settle();
    assert.equal(rig.ends.length, 1);
    assert.match(String(rig.ends[0]?.error), /cable/);
    assert.equal(rig.clock.pending, 0);
  });

  it('rejects the handshake when the connection ends before the answer', async () => {
    const rig = greeting();
    const greeted = rig.connection.greet(REQUEST);
    rig.socket.push(null);
    rig.socket.destroy();
    await assert.rejects(greeted, (error) => hasCode(error, 'ZK_CONNECTION_LOSS'));
  });
});
