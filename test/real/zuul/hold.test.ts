/**
 * Autohold: the node of a build that fails is kept for somebody to look at, until Zuul is told to let
 * it go or its time is over. With Python's launcher and with ours, and the same to be seen in both.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../support/peers.ts';
import type { ZnodeRecord } from '../../support/zuul-side.ts';
import { KINDS, type Kind } from './launchers.ts';
import { assertGood, play, untilOne, untilSettled } from './scene.ts';
import { HOSTS, patiently, PATIENCE_MS, wholeZuul, type WholeZuul } from './whole-zuul.ts';

describe('the node of a build that fails, held by Zuul', function () {
  this.timeout(1_200_000);
  let zuul: WholeZuul;
  const seen = new Map<Kind, unknown>();
  before(async function () {
    zuul = await wholeZuul(this);
  });

  for (const kind of KINDS)
    it(`stays as it is until it is released, and its host comes back (${kind})`, () =>
      play(zuul, async ({ start }) => {
        const launcher = await start(kind);
        await untilSettled(zuul, HOSTS);
        await zuul.hold('to be looked at', 3600);
        const failing = zuul.build({ seconds: -1 });
        const held = await untilOne(zuul, 'hold');
        await untilUnlocked(zuul);
        assert.equal(held.record.comment, 'to be looked at');
        assert.equal(held.record.hold_expiration, 3600);
        assert.match(String(held.record.hold_job), /^e2e \S*project job-e2e \.\*$/);
        const shown = await zuul.ask('nodes');
        assertShown(shown, held.id);
        assert.equal(await list(zuul, 'ours'), await list(zuul, "Python's"));

        const builds = await zuul.build({ count: HOSTS });
        assertGood(builds);
        const used = builds.flatMap((build) => build.nodes.map((node) => node.address));
        assert.ok(
          !used.includes(String(held.record.interface_ip)),
          'a held host is lent to nobody',
        );
        await launcher.kill();
        await start(kind);
        assertGood(await zuul.build({ count: 2 }));
        assert.deepEqual(await zuul.zookeeper.node(held.id), held.record);

        const [hold] = await zuul.holds();
        assert.deepEqual(
          hold?.nodes.map((group) => group.nodes),
          [[held.id]],
        );
        await zuul.release(hold.id);
        assert.deepEqual(await zuul.holds(), []);
        const [build] = await failing;
        assert.deepEqual([build?.result, build?.attempts], ['FAILURE', 1]);
        assert.ok(!(await untilSettled(zuul, HOSTS)).has(held.id));
        seen.set(kind, { shown: shapeOf(shown), record: withoutItsOwn(held.record) });
      }));

  it('is the same for Zuul whichever launcher made it', function () {
    if (seen.size < KINDS.length) this.skip();
    assert.deepEqual(seen.get('ours'), seen.get("Python's"));
  });

  it('is deleted by our launcher when its time is over', () =>
    play(zuul, async ({ start }) => {
      await start('ours', { NODEPOOL_INTERVAL_CLEANUP: '0.5' });
      await untilSettled(zuul, HOSTS);
      await zuul.hold('for a moment', 2);
      const failing = zuul.build({ seconds: -1 });
      const held = await untilOne(zuul, 'hold');
      await zuul.zookeeper.untilGone([held.id], PATIENCE_MS);
      assert.equal((await failing)[0]?.result, 'FAILURE');
      const [hold] = await zuul.holds();
      assert.equal(hold?.current_count, 1);
      await zuul.release(hold.id);
      assert.deepEqual(await zuul.holds(), []);
    }));
});

async function untilUnlocked(zuul: WholeZuul): Promise<void> {
  await patiently(async () => {
    assert.deepEqual(await zuul.zookeeper.heldLocks(), []);
  });
}

/** Zuul's page of nodes shows this one, and no other. */
function assertShown(shown: unknown, id: string): void {
  assert.ok(Array.isArray(shown));
  const rows = shown as readonly ZnodeRecord[];
  assert.deepEqual(
    rows.map((row) => [row.id, row.state, row.provider, row.type]),
    [[id, 'hold', 'e2e-static', ['e2e']]],
  );
}

/** Keys and types; the values differ. */
function shapeOf(shown: unknown): unknown {
  return (shown as readonly ZnodeRecord[]).map((row) =>
    Object.entries(row)
      .map(([key, value]) => `${key}: ${typeof value}`)
      .toSorted(),
  );
}

/** A record without what is another each time: the host, the times, the request. */
function withoutItsOwn(record: ZnodeRecord): ZnodeRecord {
  const own = ['external_id', 'hostname', 'interface_ip', 'public_ipv4', 'host_keys'];
  const times = ['created_time', 'state_time'];
  const others = ['allocated_to', 'id'];
  const changing = new Set([...own, ...times, ...others]);
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, changing.has(key) ? typeof value : value]),
  );
}

/** What `nodepool list --detail` prints; ages may differ by the time between two calls. */
async function list(zuul: WholeZuul, kind: Kind): Promise<string> {
  const ours = [process.execPath, join(projectRoot, 'dist/shared/cli/main.js')] as const;
  const pythons = [join(dirname(zuul.peers.nodepoolPython), 'nodepool')] as const;
  const [program, ...args] = kind === 'ours' ? ours : pythons;
  const { stdout } = await promisify(execFile)(program, [
    ...args,
    ...['-c', zuul.configPath, 'list', '--detail'],
  ]);
  return stdout.replaceAll(/\d\d:\d\d:\d\d:\d\d/g, 'DD:HH:MM:SS');
}
