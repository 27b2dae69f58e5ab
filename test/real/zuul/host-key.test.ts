/**
 * A static host that was installed anew shows another host key. Zuul's executor trusts what stands in
 * the node's record, so all depends on when the launcher looks again. With Python's launcher and with
 * ours, one host each, and the same outcome.
 */
import assert from 'node:assert/strict';
import { KINDS } from './launchers.ts';
import { assertGood, play, untilSettled } from './scene.ts';
import { patiently, PATIENCE_MS, wholeZuul, type Build, type WholeZuul } from './whole-zuul.ts';

describe('a static host whose key changes', function () {
  this.timeout(1_200_000);
  let zuul: WholeZuul;
  before(async function () {
    zuul = await wholeZuul(this);
  });

  for (const kind of KINDS) {
    it(`while it is idle is refused once, then taken with the new key (${kind})`, () =>
      play(
        zuul,
        async ({ start }) => {
          await start(kind);
          await untilLentBefore(zuul);
          await zuul.reinstall(1);
          assertRetried(await zuul.build());
          assert.deepEqual(await keysOf(zuul), [await zuul.hostKey(1)]);
        },
        { hosts: 1 },
      ));

    it(`and is configured is not lent before the configuration has the new key (${kind})`, () =>
      play(
        zuul,
        async ({ start }) => {
          await pin(zuul);
          await start(kind);
          const idle = await untilLentBefore(zuul);
          await zuul.reinstall(1);
          const building = zuul.build();
          // The first try has failed, and its node is gone; the second one waits.
          await zuul.zookeeper.untilGone([...idle.keys()], PATIENCE_MS);
          await patiently(async () => {
            const ids = await zuul.zookeeper.requestIds();
            const states = await Promise.all(ids.map((id) => zuul.zookeeper.request(id)));
            assert.equal(states.length, 1);
            assert.notEqual(states[0]?.state, 'fulfilled');
          });
          assert.deepEqual(await zuul.zookeeper.nodeIds(), []);
          await pin(zuul);
          assertRetried(await building);
        },
        { hosts: 1 },
      ));

    it(`while no launcher runs is lent with the new key at once (${kind})`, () =>
      play(
        zuul,
        async ({ start }) => {
          const first = await start(kind);
          await untilSettled(zuul, 1);
          await first.stop();
          await zuul.reinstall(1);
          await start(kind);
          await patiently(async () => {
            assert.deepEqual(await keysOf(zuul), [await zuul.hostKey(1)]);
          });
          const [build] = await zuul.build();
          assert.deepEqual([build?.result, build?.attempts], ['SUCCESS', 1]);
        },
        { hosts: 1 },
      ));
  }
});

/**
 * A launcher asks all hosts anew when it starts. After a build, the host's node is one that it has
 * registered itself, so that it will not ask again by itself.
 */
async function untilLentBefore(zuul: WholeZuul): Promise<Map<string, unknown>> {
  assertGood(await zuul.build());
  return untilSettled(zuul, 1);
}

/** The executor refused the host, and Zuul tried again with the node that came then. */
function assertRetried([build]: readonly Build[]): void {
  assert.deepEqual([build?.result, build?.attempts], ['SUCCESS', 2]);
}

/** Puts the key that the host shows now into the configuration. */
async function pin(zuul: WholeZuul): Promise<void> {
  const key = await zuul.hostKey(1);
  await zuul.configure(1, (host) => ({ ...host, 'host-key': key }));
}

/** The keys of the only node. */
async function keysOf(zuul: WholeZuul): Promise<unknown> {
  const nodes = [...(await untilSettled(zuul, 1)).values()];
  return nodes[0]?.host_keys;
}
