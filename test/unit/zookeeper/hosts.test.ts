/** The connect string as kazoo takes it, and the order of attempts. */
import { setImmediate } from 'node:timers/promises';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ManualClock } from '../../../fixtures/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { parseConnectString, Rotation } from '../../../shared/zookeeper/hosts.ts';
import type { Resolve, Target } from '../../../shared/zookeeper/hosts.ts';

describe('parseConnectString', () => {
  it('reads hosts, ports, IPv6 addresses and a chroot', () => {
    assert.deepEqual(parseConnectString('a:1, b ,[::1]:2181/nodepool/x/'), {
      hosts: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2181 },
        { name: '::1', port: 2181 },
      ],
      chroot: '/nodepool/x',
    });
  });

  it('cuts at the first slash, so that later servers end up in the chroot as with kazoo', () => {
    assert.deepEqual(parseConnectString('a:1/x,b:2/x'), {
      hosts: [{ name: 'a', port: 1 }],
      chroot: '/x,b:2/x',
    });
  });

  it('takes a lone slash as no chroot', () => {
    assert.equal(parseConnectString('a:1/').chroot, '');
  });

  it('names what is wrong', () => {
    for (const text of [
      '',
      ' , ',
      '/x',
      'a:0',
      'a:65536',
      'a:b',
      '::1:2181',
      '[a]:1',
      'a:1/x//y',
    ]) {
      assert.throws(
        () => parseConnectString(text),
        (error) => hasCode(error, 'ZK_CONNECT_STRING'),
        text,
      );
    }
  });

  it('reads back every list of hosts', () => {
    const host = fc
      .tuple(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65535 }))
      .map(([name, port]) => ({ name, port }));
    fc.assert(
      fc.property(fc.array(host, { minLength: 1, maxLength: 5 }), (hosts) => {
        const text = hosts
          .map(({ name, port }) => (name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`))
          .join(',');
        assert.deepEqual(parseConnectString(text).hosts, hosts);
      }),
    );
  });
});

interface Rig {
  readonly clock: ManualClock;
  readonly rotation: Rotation;
  readonly unresolved: string[];
}

function rig(text: string, resolve: Resolve = () => Promise.resolve([])): Rig {
  const clock = new ManualClock();
  const unresolved: string[] = [];
  const rotation = new Rotation(parseConnectString(text).hosts, {
    clock,
    random: () => 0.5,
    resolve,
    onUnresolved: (host) => unresolved.push(host),
  });
  return { clock, rotation, unresolved };
}

/** The next target, and how long it had to be waited for. */
async function next({ clock, rotation }: Rig): Promise<Target & { pauseMs: number }> {
  const start = clock.monotonic();
  let target: Target | undefined;
  const asked = rotation.next(new AbortController().signal).then((one) => (target = one));
  // What needs no pause must come without the clock.
  await setImmediate();
  while (target === undefined) await clock.advance(5);
  await asked;
  return { ...target, pauseMs: clock.monotonic() - start };
}

describe('Rotation', () => {
  it('begins at once, tries every server once a round, and pauses longer after each', async () => {
    const one = rig('1.1.1.1:1,2.2.2.2:2,3.3.3.3:3');
    const pauses: number[] = [];
    for (let round = 0; round < 9; round++) {
      const targets = [await next(one), await next(one), await next(one)];
      const ports = targets.map((target) => target.port);
      assert.deepEqual(ports.toSorted(), [1, 2, 3]);
      pauses.push(targets[0]?.pauseMs ?? NaN);
      assert.ok((targets[1]?.pauseMs ?? NaN) <= 5);
    }
    assert.deepEqual(pauses, [0, 75, 150, 300, 600, 1200, 1500, 1500, 1500]);
  });

  it('begins with a short pause again after a connection that was good', async () => {
    const one = rig('1.1.1.1:1');
    for (let round = 0; round < 5; round++) await next(one);
    one.rotation.reset();
    assert.equal((await next(one)).pauseMs, 25);
  });

  it('takes each address of a name as a server, under the name that was configured', async () => {
    const one = rig('zk:7', () => Promise.resolve(['10.0.0.1', '10.0.0.2', '10.0.0.1']));
    const targets = [await next(one), await next(one)];
    assert.deepEqual(targets.map((target) => target.address).toSorted(), ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(
      targets.map((target) => target.host),
      ['zk', 'zk'],
    );
    assert.equal(one.rotation.addresses, 2);
  });

  it('goes on with the others when a name has no address', async () => {
    const one = rig('gone:1,1.1.1.1:2', () => Promise.reject(new Error('ENOTFOUND')));
    assert.equal((await next(one)).port, 2);
    assert.deepEqual(one.unresolved, ['gone']);
  });

  it('does not wait for ever for the resolver', async () => {
    const one = rig('slow:1,1.1.1.1:2', () => new Promise(() => undefined));
    assert.equal((await next(one)).port, 2);
    assert.deepEqual(one.unresolved, ['slow']);
  });

  it('stops waiting when the signal aborts', async () => {
    const { rotation } = rig('1.1.1.1:1');
    const controller = new AbortController();
    const asked = rotation.next(controller.signal);
    controller.abort();
    await assert.rejects(asked, (error) => hasCode(error, 'NP_ABORTED'));
  });
});
