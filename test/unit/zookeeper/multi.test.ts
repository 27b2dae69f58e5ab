/** Transactions on the wire: results in order, failures by name, nonsense refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasCode } from '../../../shared/base/errors.ts';
import { isBadVersion, MultiError } from '../../../shared/zookeeper/errors.ts';
import { JuteReader, JuteWriter } from '../../../shared/zookeeper/jute.ts';
import { readMulti, writeMulti } from '../../../shared/zookeeper/multi.ts';
import type { MultiOp } from '../../../shared/zookeeper/types.ts';
import { frame, STAT, writeStat } from './frames-of-server.ts';

const OPS: readonly MultiOp[] = [
  { op: 'check', path: '/a', version: 3 },
  { op: 'create', path: '/b', data: Buffer.from('x'), mode: 'ephemeralSequential' },
  { op: 'set', path: '/c', data: Buffer.from('y') },
  { op: 'delete', path: '/d', version: 0 },
];

function header(writer: JuteWriter, type: number, isDone = false): void {
  writer.int(type);
  writer.bool(isDone);
  writer.int(0);
}

function successBody(writer: JuteWriter): void {
  header(writer, 13);
  header(writer, 15);
  writer.string('/root/b0000000001');
  writeStat(writer);
  header(writer, 5);
  writeStat(writer);
  header(writer, 2);
  header(writer, -1, true);
}

function failureBody(errors: readonly number[]): (writer: JuteWriter) => void {
  return (writer) => {
    for (const error of errors) {
      header(writer, -1);
      writer.int(error);
    }
    header(writer, -1, true);
  };
}

const relative = (path: string): string => path.replace('/root', '');
const read = (body: Buffer): ReturnType<typeof readMulti> =>
  readMulti(new JuteReader(body, 4), OPS, {
    context: { lastZxid: 99n, sessionId: 5n },
    relative,
  });

describe('multi', () => {
  it('puts the chroot before every path and the version behind those that have one', () => {
    const writer = new JuteWriter();
    writeMulti(writer, OPS, (path) => `/root${path}`);
    const reader = new JuteReader(writer.take());
    const types: number[] = [];
    const paths: string[] = [];
    const versions: number[] = [];
    for (;;) {
      const type = reader.int();
      const isDone = reader.bool();
      assert.equal(reader.int(), -1);
      types.push(type);
      if (isDone) break;
      paths.push(reader.string());
      if (type === 15) {
        assert.equal(reader.bytes().toString(), 'x');
        assert.deepEqual([reader.int(), reader.int()], [1, 31]);
        assert.deepEqual([reader.string(), reader.string()], ['world', 'anyone']);
        assert.equal(reader.int(), 3, 'flags');
        continue;
      }
      if (type === 5) assert.equal(reader.bytes().toString(), 'y');
      versions.push(reader.int());
    }
    assert.equal(reader.remaining, 0);
    assert.deepEqual(types, [13, 15, 5, 2, -1]);
    assert.deepEqual(paths, ['/root/a', '/root/b', '/root/c', '/root/d']);
    assert.deepEqual(versions, [3, -1, 0]);
  });

  it('answers one result for each operation', () => {
    assert.deepEqual(read(frame(successBody)), [
      { op: 'check' },
      { op: 'create', path: '/b0000000001', stat: STAT },
      { op: 'set', stat: STAT },
      { op: 'delete' },
    ]);
  });

  it('makes the stat of a create where the server answers the path alone', () => {
    const results = read(
      frame((writer) => {
        header(writer, 13);
        header(writer, 1);
        writer.string('/root/b0000000001');
        header(writer, 5);
        writeStat(writer);
        header(writer, 2);
      }),
    );
    assert.ok(Array.isArray(results));
    const created = results[1];
    assert.ok(created?.op === 'create');
    assert.equal(created.path, '/b0000000001');
    const { czxid, mzxid, ephemeralOwner, dataLength, version } = created.stat;
    assert.deepEqual([czxid, mzxid, ephemeralOwner, dataLength, version], [99n, 99n, 5n, 1, 0]);
  });

  it('names the operation that failed', () => {
    const error = read(frame(failureBody([0, 0, -103, -2])));
    assert.ok(error instanceof MultiError);
    assert.equal(error.failedIndex, 2);
    assert.equal(error.code, 'ZK_BAD_VERSION');
    assert.deepEqual(error.codes, [undefined, undefined, 'ZK_BAD_VERSION', undefined]);
    assert.ok(isBadVersion(error.cause));
  });

  it('refuses too few results, unknown results and a failure without a culprit', () => {
    const bodies = [
      failureBody([0, -101]),
      failureBody([0, 0, -2, -2]),
      (writer: JuteWriter) => {
        header(writer, 4711);
      },
    ];
    for (const body of bodies) {
      assert.throws(
        () => read(frame(body)),
        (error) => hasCode(error, 'ZK_PROTOCOL'),
      );
    }
  });

  it('refuses an answer that was cut before its last result', () => {
    const body = frame(successBody);
    const end = body.length - 9;
    fc.assert(
      fc.property(fc.integer({ min: 4, max: end - 1 }), (cut) => {
        assert.throws(
          () => read(body.subarray(0, cut)),
          (error) => hasCode(error, 'ZK_PROTOCOL'),
        );
      }),
    );
  });
});
