import assert from 'node:assert/strict';

import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { changes, fake, hosts, labels, lines, node, NOW, type Sections } from './world.ts';

const all = labels('small', 'big', 'metal', { name: 'aged', 'max-ready-age': 1000 });

const cloud = (pools: Readonly<Record<string, readonly string[]>>): Sections => ({
  ...all,
  providers: [fake('cloud', pools)],
});
const before = cloud({ main: ['small', 'big', 'aged'], extra: ['big'] });

/** What a plan tells of one node. */
function fateOf(fields: Partial<NodeRecord>, after: Sections, isLocked = false): string[] {
  return lines(changes(before, after, { nodes: [node('1', fields, isLocked)] }), 'nodes');
}

const withoutProvider: Sections = { ...all, providers: [] };

describe('nodes of a provider that goes', () => {
  for (const [what, fields, expected] of [
    [
      'free ones stay for nobody',
      {},
      /free: nobody hands them out or deletes them; they stay in the/,
    ],
    ['used ones work on', { state: 'in-use' }, /in use: work on to their end; then nobody deletes/],
    ['so do held ones', { state: 'hold' }, /in use: work on to their end/],
    ['those given to a request are used', { allocated_to: 'r' }, /in use: work on to their end/],
    ['a launch is finished', { state: 'building' }, /being made: what is launching is finished/],
    ['deletions stop', { state: 'used' }, /being deleted: deletions that have not begun/],
  ] as const) {
    it(what, () => {
      const [line = '', ...more] = fateOf(fields, withoutProvider);
      assert.deepEqual(more, []);
      assert.ok(line.startsWith('!- provider-orphan cloud: 1 node '), line);
      assert.match(line, expected);
    });
  }

  it('are not told of where only their record is left, or the provider was not there before', () => {
    assert.deepEqual(fateOf({ state: 'deleted' }, withoutProvider), []);
    assert.deepEqual(fateOf({ provider: 'python' }, withoutProvider), []);
    assert.deepEqual(fateOf({ provider: null }, withoutProvider), []);
  });

  it('leave records where they are hosts, and are removed where they stand on borrowed nodes', () => {
    const racks = { ...all, providers: [hosts('cloud', [{ name: 'host' }])] };
    const held = { nodes: [node('1'), node('2')] };
    const [rack = ''] = lines(changes(racks, withoutProvider, held), 'nodes');
    assert.match(
      rack,
      /^!- provider-orphan cloud: 2 nodes in state ready stay as records .* \[1 2\]$/,
    );
    const meta = {
      ...{ name: 'cloud', driver: 'metastatic' },
      pools: [{ name: 'main', labels: [{ name: 'small', 'backing-label': 'big' }] }],
    };
    const [borrowed = ''] = lines(
      changes({ ...all, providers: [meta] }, withoutProvider, held),
      'nodes',
    );
    assert.match(borrowed, /^- provider-orphan cloud: 2 nodes free: they are removed/);
  });
});

describe('nodes of a pool or label that goes', () => {
  it('are handed out by nobody and stay, if they are free', () => {
    const noPool = cloud({ main: ['small', 'big', 'aged'] });
    assert.deepEqual(fateOf({ pool: 'extra', type: ['big'] }, noPool), [
      '!- pool-orphan cloud-extra: 1 node ready: nobody hands them out or deletes them, without a max-ready-age: delete them (nodepool delete) [1]',
    ]);
    const noLabel = cloud({ main: ['small', 'aged'], extra: ['big'] });
    const [line = ''] = fateOf({ type: ['big'] }, noLabel);
    assert.ok(line.startsWith('!- label-orphan big in cloud-main: 1 node ready: nobody'), line);
  });

  it('go by max-ready-age where there is one', () => {
    assert.deepEqual(fateOf({ type: ['aged'] }, cloud({ main: ['small'], extra: ['big'] })), [
      '- label-orphan aged in cloud-main: 1 node ready: nobody hands them out; deleted by max-ready-age (1000 s) [1]',
    ]);
  });

  it('are in the way of the stock that min-ready wants', () => {
    const after = {
      ...cloud({ main: ['small'], extra: ['big'] }),
      ...labels('small', 'metal', 'aged', { name: 'big', 'min-ready': 1 }),
    };
    assert.match(fateOf({ type: ['big'] }, after).join(), /still count as stock for min-ready/);
  });

  it('are deleted after their use as ever', () => {
    const noPool = cloud({ main: ['small'] });
    assert.deepEqual(fateOf({ pool: 'extra', type: ['big'], state: 'in-use' }, noPool), []);
  });

  it('are of no interest where they were orphans before, or one of their labels stays', () => {
    const noPool = cloud({ main: ['small'] });
    assert.deepEqual(fateOf({ pool: 'older', type: ['big'] }, noPool), []);
    assert.deepEqual(fateOf({ type: ['big', 'small'] }, noPool), []);
  });
});

describe('nodes that would be too old', () => {
  const younger = (age: number): Sections => ({
    ...before,
    ...labels('small', 'big', 'metal', { name: 'aged', 'max-ready-age': age }),
  });

  it('are deleted at once', () => {
    assert.deepEqual(fateOf({ type: ['aged'] }, younger(50)), [
      '- too-old aged: 1 node ready for longer than max-ready-age: deleted [1]',
    ]);
    assert.deepEqual(fateOf({ type: ['aged'] }, younger(500)), []);
    assert.deepEqual(fateOf({ type: ['aged'] }, younger(50), true), []);
  });

  it('are lost where somebody holds them', () => {
    const after = { ...before, 'max-hold-age': 50 };
    assert.deepEqual(fateOf({ state: 'hold', state_time: NOW - 60 }, after), [
      '!- held-too-long max-hold-age: 1 node on hold for longer than that: deleted [1]',
    ]);
  });
});

describe('hosts of static providers', () => {
  const rack = (...nodes: Sections[]): Sections => ({ ...all, providers: [hosts('rack', nodes)] });
  const static_ = (
    id: string,
    hostname: string,
    fields: Partial<NodeRecord> = {},
    locked = false,
  ) => node(id, { provider: 'rack', pool: 'rack', type: ['metal'], hostname, ...fields }, locked);

  it('come, go with their nodes, and change', () => {
    const old = rack({ name: 'a' }, { name: 'b' }, { name: 'c', 'max-parallel-jobs': 1 });
    const now = rack(
      { name: 'a', 'host-key': 'ssh-rsa X' },
      { name: 'c', 'max-parallel-jobs': 4 },
      { name: 'd' },
    );
    const nodes = [
      static_('1', 'b'),
      static_('2', 'b', { state: 'in-use' }, true),
      static_('3', 'b', {}, true),
      static_('4', 'a'),
    ];
    assert.deepEqual(lines(changes(old, now, { nodes }), 'hosts'), [
      '+ hosts-added rack: 1 host registered when they answer [d]',
      '- hosts-removed rack: 1 host not lent any more; 1 free node withdrawn at once; 2 nodes in use withdrawn when given back [b]',
      '~ host-changed rack: a: host-key: a free node follows at once, one in use when it is given back [a]',
      '~ host-changed rack: c: max-parallel-jobs: a free node follows at once, one in use when it is given back [c]',
    ]);
    assert.deepEqual(lines(changes(old, now, { nodes }), 'nodes'), []);
  });

  it('are others with another user or port', () => {
    const found = changes(rack({ name: 'a' }), rack({ name: 'a', username: 'root' }));
    assert.deepEqual(
      found.filter(({ part }) => part === 'hosts').map(({ code }) => code),
      ['hosts-added', 'hosts-removed'],
    );
  });

  it('change with their pool', () => {
    const pools = (name: string): Sections => ({
      ...all,
      providers: [
        { ...hosts('rack', []), pools: [{ name, nodes: [{ name: 'a', labels: 'metal' }] }] },
      ],
    });
    assert.match(
      lines(changes(pools('one'), pools('two')), 'hosts').join(),
      /^~ host-changed rack: a: pool one -> two:/,
    );
  });
});
