import assert from 'node:assert/strict';

import type { Logger } from '../../../shared/base/log.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { RecordCache, type RecordChange } from '../../../shared/store/record-cache.ts';
import { nodeSchema, type NodeRecord } from '../../../schemas/records/node.ts';
import { FakeTree, MADE_AT, node, statOf } from '../../support/launcher-world.ts';

const NODES = '/nodepool/nodes';
const path = (id: string): string => `${NODES}/${id}`;

describe('a cache of records', () => {
  let tree: FakeTree;
  let cache: RecordCache<NodeRecord>;
  let changes: string[];
  let lines: string[];
  beforeEach(() => {
    [tree, changes, lines] = [new FakeTree(), [], []];
    const log: Logger = {
      ...silentLogger,
      warn: (message, fields) => lines.push(`${message}: ${String(fields?.path)}`),
      error: (message) => lines.push(message),
    };
    cache = new RecordCache<NodeRecord>({
      tree: tree.cache,
      schema: nodeSchema,
      isRecord: (one) => one.lastIndexOf('/') === NODES.length,
      log,
    });
    const say = (side: RecordChange<NodeRecord>['before']): string => side?.record.state ?? 'none';
    cache.onChange(({ id, before, after }) => changes.push(`${id} ${say(before)} ${say(after)}`));
  });

  it('keeps a record with the version and the age of its znode', () => {
    tree.put(path('1'), node());
    const one = cache.get('1');
    assert.deepEqual(one?.record, node());
    assert.deepEqual(
      [one.id, one.path, one.version, one.ctimeMs],
      ['1', path('1'), 1, MADE_AT * 1000],
    );
    assert.deepEqual([cache.size, [...cache.values()]], [1, [one]]);
  });

  it('tells of each change what was and what is', () => {
    tree.put(path('1'), node());
    tree.put(path('1'), node({ state: 'in-use' }));
    tree.remove(path('1'));
    assert.deepEqual(changes, ['1 none ready', '1 ready in-use', '1 in-use none']);
  });

  it('replaces records and never changes them', () => {
    tree.put(path('1'), node());
    const before = cache.get('1');
    tree.put(path('1'), node({ state: 'in-use' }));
    assert.equal(before?.record.state, 'ready');
    assert.notEqual(cache.get('1'), before);
  });

  it('has no eyes for what is no record', () => {
    tree.presence(`${path('1')}/lock`);
    tree.put(`${path('1')}/other`, node());
    assert.equal(cache.size, 0);
  });

  it('reports a corrupt znode each time it is written, and is without it', () => {
    tree.put(path('1'), node());
    tree.put(path('1'), '{"state": "rea');
    assert.deepEqual(changes, ['1 none ready', '1 ready none']);
    assert.deepEqual([...cache.unreadablePaths()], [path('1')]);
    assert.equal(lines.length, 1);
    tree.put(path('1'), '{"state": "rea');
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /skipped: \/nodepool\/nodes\/1$/);
  });

  it('takes a corrupt znode up again when it is put right', () => {
    tree.put(path('1'), 'x');
    tree.put(path('1'), node());
    assert.deepEqual([[...cache.unreadablePaths()], cache.size], [[], 1]);
    tree.put(path('2'), 'x');
    tree.remove(path('2'));
    assert.deepEqual([...cache.unreadablePaths()], []);
  });

  it('knows empty znodes as unreadable, but does not complain', () => {
    tree.put(path('1'), '');
    assert.deepEqual([lines, [...cache.unreadablePaths()]], [[], [path('1')]]);
  });

  it('does not parse what it wrote itself', async () => {
    const record = node();
    const data = cache.encode(record);
    await tree.cache.write(
      { paths: [path('1')] },
      () => Promise.resolve(),
      () => [{ path: path('1'), data, stat: statOf(7) }],
    );
    assert.equal(cache.get('1')?.record, record);
    assert.equal(cache.get('1')?.version, 7);
  });

  it('tells the others when one listener fails, and all until they end it', () => {
    const later: string[] = [];
    cache.onChange(() => {
      throw new Error('mine');
    });
    const end = cache.onChange(({ id }) => later.push(id));
    tree.put(path('1'), node());
    end();
    tree.put(path('2'), node());
    assert.deepEqual(later, ['1']);
    assert.equal(lines.length, 2);
  });
});
