import assert from 'node:assert/strict';

import { changes, fake, hosts, labels, lines, type Sections } from './world.ts';

const one: Sections = {
  ...labels('small', 'big'),
  providers: [fake('cloud', { main: ['small'] })],
};

const withSection = (fields: Sections): Sections => ({
  ...one,
  providers: [{ ...fake('cloud', { main: ['small'] }), ...fields }],
});

function providers(before: Sections, after: Sections): string[] {
  return lines(changes(before, after), 'providers');
}

describe('providers in a plan', () => {
  it('do not change where nothing of theirs does', () => {
    const more = { ...one, ...labels('small', 'big', { name: 'other', 'min-ready': 3 }) };
    assert.deepEqual(providers(one, more), []);
    assert.deepEqual(providers(one, { ...one, 'max-hold-age': 5 }), []);
  });

  it('come and go with their pools', () => {
    const other = { ...one, providers: [fake('other', { a: ['small'], b: ['big'] })] };
    assert.deepEqual(providers(one, other), [
      '+ provider-added other: starts: driver fake, 2 pools [a b]',
      '- provider-removed cloud: ends with 1 pool; launches under way are finished [main]',
    ]);
  });

  it('connect anew for any option in their section, which is named without its value', () => {
    const found = changes(one, withSection({ cloud: 'sesame', 'max-concurrency': 3 }));
    assert.deepEqual(lines(found, 'providers'), [
      '~ provider-restarted cloud: connects anew; the old connection serves until then [cloud max-concurrency]',
    ]);
    assert.ok(!JSON.stringify(found).includes('sesame'));
  });

  it('connect anew for what they take from disk images at the top level', () => {
    const image = (username: string): Sections => ({
      ...labels('small'),
      diskimages: [{ name: 'trixie', username }],
      providers: [
        {
          ...{ name: 'cloud', driver: 'fake', cloud: 'any', diskimages: [{ name: 'trixie' }] },
          pools: [{ name: 'main', labels: [{ name: 'small', diskimage: 'trixie', 'min-ram': 1 }] }],
        },
      ],
    });
    assert.deepEqual(providers(image('zuul'), image('root')), [
      '~ provider-restarted cloud: connects anew; the old connection serves until then [diskimages[trixie]]',
    ]);
  });

  it('name what they say of an image themselves once', () => {
    const provider = (...images: Sections[]): Sections => ({
      ...labels('small'),
      diskimages: [{ name: 'a' }, { name: 'b' }],
      providers: [{ ...fake('cloud', { main: [] }), diskimages: images }],
    });
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    const ids = (before: Sections, after: Sections): readonly string[] | undefined =>
      changes(before, after).find(({ code }) => code === 'provider-restarted')?.ids;
    const paused = { ...a, pause: true };
    assert.deepEqual(ids(provider(a, b), provider(paused, b)), ['diskimages[a].pause']);
    assert.deepEqual(ids(provider(a, b), provider(b, a)), ['diskimages']);
  });

  it('connect anew for our own options of their driver', () => {
    const extensions = {
      drivers: { fake: { 'launch-seconds': 3 } },
      intervals: { 'cloud-poll': 7 },
    };
    assert.deepEqual(providers(one, { ...one, extensions }), [
      '~ provider-restarted cloud: connects anew; the old connection serves until then [extensions.drivers.fake extensions.intervals.cloud-poll]',
    ]);
  });

  it('tell of pools that come and go in them', () => {
    const after = { ...one, providers: [fake('cloud', { other: ['small'] })] };
    assert.deepEqual(providers(one, after), [
      '~ provider-restarted cloud: connects anew; the old connection serves until then [pools[main] pools[other]]',
      '+ pool-added cloud-other: begins',
      '- pool-removed cloud-main: ends',
    ]);
  });

  it('lose what they have made with another driver', () => {
    const before = { ...labels('metal'), providers: [fake('cloud', { main: ['metal'] })] };
    const after = { ...labels('metal'), providers: [hosts('cloud', [{ name: 'host' }])] };
    const found = changes(before, after).filter(({ code }) => code === 'provider-restarted');
    assert.deepEqual(
      found.map(({ is_loss, text }) => [is_loss, text.includes('from fake to static')]),
      [[true, true]],
    );
  });
});

describe('daemons in a plan', () => {
  const daemons = (after: Sections, before = one): string[] =>
    lines(changes(before, after), 'daemons');

  for (const [what, fields, who] of [
    ['webapp', { webapp: { port: 80 } }, 'launchers'],
    ['zookeeper-timeout', { 'zookeeper-timeout': 30 }, 'launchers and builders'],
    ['extensions.log', { extensions: { log: { format: 'json' } } }, 'launchers and builders'],
    ['images-dir', { 'images-dir': '/elsewhere' }, 'builders'],
    ['build-log-dir', { 'build-log-dir': '/elsewhere' }, 'builders'],
    ['extensions.builder', { extensions: { builder: { runner: 'process' } } }, 'builders'],
  ] as const) {
    it(`have to be restarted for ${what}`, () => {
      assert.deepEqual(daemons({ ...one, ...fields }), [
        `~ needs-restart ${what}: takes effect when the ${who} are restarted`,
      ]);
    });
  }

  it('follow whether images are built anew when what goes into them changes', () => {
    const extensions = { builder: { 'rebuild-on-change': false } };
    assert.deepEqual(daemons({ ...one, extensions }), []);
  });

  it('follow other servers of ZooKeeper, but no other chroot', () => {
    const servers = (...all: Sections[]): Sections => ({ ...one, 'zookeeper-servers': all });
    const more = daemons(servers({ host: 'zk' }, { host: '::1', port: 2281 }));
    assert.match(
      more.join(),
      /^~ servers-changed zookeeper-servers: becomes zk:2281,\[::1\]:2281:/,
    );
    const below = (host: string, chroot: string): Sections => servers({ host, chroot });
    const other = daemons(below('b', '/np/'), below('a', '/np'));
    assert.match(other.join(), /^~ servers-changed zookeeper-servers: becomes b:2281\/np\/: /);
    assert.match(daemons(below('a', '/other'), below('a', '/np')).join(), /another chroot/);
    const moved = daemons(servers({ host: 'zk', chroot: '/there' }));
    assert.match(moved.join(), /^!~ cannot-be-followed zookeeper-servers: has another chroot/);
    const none = daemons({ ...one, 'zookeeper-servers': [] });
    assert.match(none.join(), /^!~ cannot-be-followed zookeeper-servers: names no server/);
    assert.deepEqual(daemons(servers({ host: 'zk', chroot: '' })), []);
  });
});
