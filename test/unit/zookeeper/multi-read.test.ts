/** Several reads in one request, on the wire and collected over a turn. */
import assert from 'node:assert/strict';
import { hasCode } from '../../../shared/base/errors.ts';
import { isNoNode } from '../../../shared/zookeeper/errors.ts';
import { JuteReader, JuteWriter } from '../../../shared/zookeeper/jute.ts';
import { multiReadOperation } from '../../../shared/zookeeper/multi-read.ts';
import { BatchedReads } from '../../../shared/zookeeper/tree-cache/batched-reads.ts';
import type { ReadOp, ReadResult, ZooKeeper } from '../../../shared/zookeeper/types.ts';
import { frame, STAT, writeStat } from './frames-of-server.ts';

const OPS: readonly ReadOp[] = [
  { op: 'get', path: '/a' },
  { op: 'children', path: '/b' },
  { op: 'get', path: '/c' },
];
const view = {
  absolute: (path: string) => `/root${path}`,
  relative: (path: string) => path.slice('/root'.length),
};
const context = { lastZxid: 1n, sessionId: 2n };

function header(writer: JuteWriter, type: number, isDone = false): void {
  writer.int(type);
  writer.bool(isDone);
  writer.int(0);
}

function read(body: (writer: JuteWriter) => void): ReadResult[] {
  const answer = multiReadOperation.read(
    new JuteReader(frame(body), 4),
    { ops: OPS, view },
    context,
  );
  assert.ok(Array.isArray(answer));
  return answer;
}

describe('several reads in one request', () => {
  it('are written as the server expects them', () => {
    const writer = new JuteWriter();
    multiReadOperation.write(writer, { ops: OPS, view });
    const reader = new JuteReader(writer.take());
    for (const [type, path] of [
      [4, '/root/a'],
      [8, '/root/b'],
      [4, '/root/c'],
    ]) {
      assert.deepEqual([reader.int(), reader.bool(), reader.int()], [type, false, -1]);
      assert.deepEqual([reader.string(), reader.bool()], [path, false]);
    }
    assert.deepEqual([reader.int(), reader.bool(), reader.int()], [-1, true, -1]);
    assert.equal(reader.remaining, 0);
  });

  it('have each their own answer or error', () => {
    const [first, second, third] = read((writer) => {
      header(writer, 4);
      writer.bytes(Buffer.from('x'));
      writeStat(writer);
      header(writer, 8);
      writer.int(2);
      writer.string('one');
      writer.string('two');
      header(writer, -1);
      writer.int(-101);
    });
    assert.deepEqual(first, { op: 'get', data: Buffer.from('x'), stat: STAT });
    assert.deepEqual(second, { op: 'children', children: ['one', 'two'] });
    assert.ok(third?.op === 'error' && isNoNode(third.error));
  });

  it('refuse an end before the last answer, and an answer of another kind', () => {
    for (const [type, isDone] of [
      [-1, true],
      [8, false],
    ] as const)
      assert.throws(
        () =>
          read((writer) => {
            header(writer, type, isDone);
          }),
        (error) => hasCode(error, 'ZK_PROTOCOL'),
      );
  });
});

describe('reads of a turn', () => {
  const answers: Record<string, string> = { '/a': 'A', '/b': 'B' };
  let batches: string[][];
  const client = {
    readMany: (ops: readonly ReadOp[]): Promise<ReadResult[]> => {
      batches.push(ops.map(({ op, path }) => `${op} ${path}`));
      if (ops.some(({ path }) => path === '/lost')) return Promise.reject(new Error('lost'));
      return Promise.resolve(
        ops.map(({ op, path }) =>
          op === 'get'
            ? { op, data: Buffer.from(answers[path] ?? ''), stat: STAT }
            : { op, children: [path] },
        ),
      );
    },
  } as unknown as ZooKeeper;
  let reads: BatchedReads;
  beforeEach(() => {
    batches = [];
    reads = new BatchedReads(client);
  });

  it('go together, and each gets its own answer', async () => {
    const [a, b, list] = await Promise.all([
      reads.get('/a'),
      reads.get('/b'),
      reads.children('/c'),
    ]);
    assert.deepEqual([a.data.toString(), b.data.toString(), list], ['A', 'B', ['/c']]);
    assert.deepEqual(batches, [['get /a', 'get /b', 'children /c']]);
  });

  it('go in portions that fit into an answer', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => reads.get(`/n${index}`)));
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [24, 24, 2],
    );
  });

  it('fail together where the request fails', async () => {
    const all = await Promise.allSettled([reads.get('/a'), reads.get('/lost')]);
    assert.deepEqual(
      all.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
