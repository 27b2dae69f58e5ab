/**
 * docs/migration.md, "The switch" and "Back", under a whole Zuul: one launcher stops and the other kind
 * goes on, with builds that run, builds that wait, and a node that Zuul holds.
 */
import assert from 'node:assert/strict';
import type { Kind } from './launchers.ts';
import { assertGood, play, untilBetweenTwoBuilds, untilOne, untilSettled } from './scene.ts';
import { HOSTS, PATIENCE_MS, wholeZuul, type WholeZuul } from './whole-zuul.ts';

describe('a hand-over between two builds of a whole Zuul', function () {
  this.timeout(1_200_000);
  let zuul: WholeZuul;
  before(async function () {
    zuul = await wholeZuul(this);
  });

  const ways: readonly (readonly [Kind, Kind, 'stopped' | 'killed'])[] = [
    ["Python's", 'ours', 'stopped'],
    ["Python's", 'ours', 'killed'],
    ['ours', "Python's", 'stopped'],
  ];
  for (const [from, to, how] of ways)
    it(`from ${from}, ${how}, to ${to} is noticed by no build`, () =>
      play(zuul, async ({ start }) => {
        const first = await start(from);
        await untilSettled(zuul, HOSTS);
        await zuul.hold('held over the change', 3600);
        const failing = zuul.build({ seconds: -1 });
        const held = await untilOne(zuul, 'hold');
        const before = await zuul.zookeeper.nodes();

        const building = Promise.all([
          zuul.build({ count: 12, seconds: 5 }),
          zuul.build({ count: 2, labels: ['e2e', 'e2e'], seconds: 5 }),
        ]);
        await untilBetweenTwoBuilds(zuul, before);
        await (how === 'killed' ? first.kill() : first.stop());
        await start(to);
        for (const builds of await building) assertGood(builds);

        assert.deepEqual(await zuul.zookeeper.node(held.id), held.record);
        const [hold] = await zuul.holds();
        await zuul.release(hold?.id ?? '');
        assert.equal((await failing)[0]?.result, 'FAILURE');
        await zuul.zookeeper.untilGone([held.id], PATIENCE_MS);
      }));
});
