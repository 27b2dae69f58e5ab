import assert from 'node:assert/strict';

import { DELETABLE_STATES, newNode, nodeSchema } from '../../../../schemas/records/node.ts';

const parse = (fields: object) => nodeSchema.parse({ state: 'ready', ...fields });

describe('a node record', () => {
  it('needs a known state and nothing else', () => {
    assert.equal(parse({}).state, 'ready');
    assert.equal(nodeSchema.safeParse({}).success, false);
    assert.equal(nodeSchema.safeParse({ state: 'sleeping' }).success, false);
  });

  it('reads labels of old records, which were one text', () => {
    assert.deepEqual(parse({ type: 'small' }).type, ['small']);
    assert.deepEqual(parse({ type: ['small', 'large'] }).type, ['small', 'large']);
    assert.deepEqual(parse({ type: null }).type, []);
    assert.deepEqual(parse({}).type, []);
  });

  it('reads host keys of old records, which may be null', () => {
    assert.deepEqual(parse({ host_keys: null }).host_keys, []);
  });

  it('keeps the ports of old records apart from those that were never written', () => {
    const old = parse({ ssh_port: 2222 });
    assert.equal(old.ssh_port, 2222);
    assert.equal('connection_port' in old, false);
  });

  it('takes a port that is an object, as nodes in Kubernetes have', () => {
    const port = { pod: 'p', token: 't' };
    assert.deepEqual(parse({ connection_port: port }).connection_port, port);
  });

  it('takes an id of several parts, as hosts of AWS have', () => {
    const id = { instance: 'i-1', host: null };
    assert.deepEqual(parse({ external_id: id }).external_id, id);
  });

  for (const [written, seconds] of [
    [null, null],
    [undefined, null],
    [3600, 3600],
    [3600.9, 3600],
    ['3600', 3600],
    [' 3600 ', 3600],
    ['-1', -1],
    ['soon', 0],
    ['', 0],
    ['1e3', 0],
    ['0x10', 0],
    ['12.5', 0],
    [[5], 0],
    [{}, 0],
    [true, 1],
  ] as const) {
    it(`reads ${String(seconds)} as hold_expiration from ${JSON.stringify(written)}`, () => {
      assert.equal(parse({ hold_expiration: written }).hold_expiration, seconds);
    });
  }

  it('is made with every key that Zuul expects', () => {
    const made = newNode({ provider: 'cloud' }, 5);
    assert.deepEqual([made.state, made.state_time, made.created_time], ['init', 5, 5]);
    assert.deepEqual(Object.keys(made).sort(), Object.keys(nodeSchema.shape).sort());
    assert.deepEqual(nodeSchema.parse(made), made);
  });

  it('is never deleted while it is ready, held or being made', () => {
    for (const state of ['init', 'testing', 'ready', 'hold'] as const) {
      assert.equal(DELETABLE_STATES.has(state), false, state);
    }
  });
});
