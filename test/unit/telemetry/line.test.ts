import assert from 'node:assert/strict';
import { CloudError } from '../../../shared/base/errors.ts';
import { lineOf, type Entry } from '../../../shared/telemetry/line.ts';

const TIME = new Date(2026, 10, 24, 17, 40, 1, 23).getTime();

function entry(over: Partial<Entry> = {}): Entry {
  return {
    timeMs: TIME,
    level: 'info',
    name: 'nodepool.X',
    message: 'node is ready',
    fields: {},
    withStack: false,
    ...over,
  };
}

describe('a text line', () => {
  it('begins as Python logs do: local time with comma and milliseconds, level, name', () => {
    assert.equal(
      lineOf('text', entry({ level: 'warning' })),
      '2026-11-24 17:40:01,023 WARNING nodepool.X: node is ready\n',
    );
  });

  it('puts event, request and node in front in the order of the original', () => {
    const fields = {
      provider: 'aws',
      node: '0000000042',
      event_id: 'e1',
      request: '200-0000000001',
    };
    assert.equal(
      lineOf('text', entry({ fields })),
      '2026-11-24 17:40:01,023 INFO nodepool.X: [e: e1] [node_request: 200-0000000001] ' +
        '[node: 0000000042] node is ready provider=aws\n',
    );
  });

  it('repeats its head with two blanks before each further line', () => {
    const head = '2026-11-24 17:40:01,023 INFO nodepool.X: ';
    assert.equal(
      lineOf('text', entry({ message: 'one\ntwo\r\nthree' })),
      `${head}one\n${head}  two\n${head}  three\n`,
    );
  });

  it('keeps a field on its line, whatever it holds', () => {
    const line = lineOf(
      'text',
      entry({ fields: { why: 'two words\nand a line', n: 3, list: ['a'] } }),
    );
    assert.match(line, /node is ready why="two words\\nand a line" n=3 list=\["a"\]\n$/);
  });

  it('shows code, message, causes and hint of an error', () => {
    const error = new CloudError('NP_CLOUD_QUOTA', 'no room', {
      hint: 'raise it',
      cause: new Error('403', { cause: new Error('deep') }),
    });
    const lines = lineOf('text', entry({ fields: { error } })).split('\n');
    assert.match(lines[0] ?? '', /code=NP_CLOUD_QUOTA error="no room"$/);
    assert.match(lines[1] ?? '', / {2}caused by 403$/);
    assert.match(lines[2] ?? '', / {2}caused by deep$/);
    assert.match(lines[3] ?? '', / {2}hint: raise it$/);
    assert.equal(lines.length, 5);
  });

  it('shows the stack only where it is asked for', () => {
    const fields = { error: new Error('x') };
    assert.doesNotMatch(lineOf('text', entry({ fields })), /line\.test/);
    assert.match(lineOf('text', entry({ fields, withStack: true })), /line\.test/);
  });
});

describe('a json line', () => {
  function parsed(over: Partial<Entry>): Record<string, unknown> {
    const line = lineOf('json', entry(over));
    assert.equal(line.indexOf('\n'), line.length - 1);
    return JSON.parse(line) as Record<string, unknown>;
  }

  it('is one object with time, level, name, message and the fields', () => {
    assert.deepEqual(parsed({ fields: { request: '200-1', count: 2, nothing: null } }), {
      time: new Date(TIME).toISOString(),
      level: 'INFO',
      name: 'nodepool.X',
      msg: 'node is ready',
      request: '200-1',
      count: 2,
      nothing: null,
    });
  });

  it('holds an error as an object', () => {
    const error = new CloudError('NP_CLOUD_FATAL', 'bad flavor', { cause: new Error('404') });
    assert.deepEqual(parsed({ fields: { error } }).error, {
      type: 'CloudError',
      code: 'NP_CLOUD_FATAL',
      message: 'bad flavor',
      causes: ['404'],
    });
  });

  it('does not let a field stand for its own keys', () => {
    const object = parsed({ fields: { level: 'x', msg: 'y' } });
    assert.equal(object.level, 'INFO');
    assert.equal(object.msg, 'node is ready');
    assert.equal(object.level_, 'x');
  });

  it('stays valid and bounded when fields are huge, cyclic or hostile', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const hostile = Object.defineProperty({}, 'boom', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    const wide = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`k${i}`, 'x'.repeat(9000)]),
    );
    const line = lineOf('json', entry({ fields: { cycle, hostile, big: 10n, ...wide } }));
    assert.ok(line.length < 80_000, `${line.length}`);
    const object = JSON.parse(line) as Record<string, unknown>;
    assert.equal(object.hostile, '[unreadable]');
    assert.equal(object.cut, true);
  });
});
