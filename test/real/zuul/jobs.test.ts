/** A whole Zuul runs jobs on hosts that our launcher lends. */
import assert from 'node:assert/strict';
import { assertGood, play, untilBetweenTwoBuilds, untilSettled } from './scene.ts';
import { HOSTS, wholeZuul, type WholeZuul } from './whole-zuul.ts';

describe('a whole Zuul with our launcher', function () {
  this.timeout(1_200_000);
  let zuul: WholeZuul;
  before(async function () {
    zuul = await wholeZuul(this);
  });

  it(`runs 24 builds on ${HOSTS} hosts, each used again`, () =>
    play(zuul, async ({ start }) => {
      await start('ours');
      const builds = await zuul.build({ count: 24 });
      assertGood(builds);
      const machines = new Set(builds.flatMap((build) => build.nodes.map((node) => node.address)));
      assert.equal(machines.size, HOSTS, 'no host stood idle while builds waited');
      const first = Math.min(...builds.map((build) => build.fulfilled - build.requested));
      console.log(`      first request answered after ${Math.round(first * 1000)} ms`);
    }));

  it('runs builds on two hosts each, and never on one twice', () =>
    play(zuul, async ({ start }) => {
      await start('ours');
      const builds = await zuul.build({ count: 3, labels: ['e2e', 'e2e'] });
      assertGood(builds);
      for (const { nodes, hostnames } of builds) {
        assert.equal(new Set(nodes.map((node) => node.address)).size, 2);
        assert.deepEqual(hostnames.toSorted(), nodes.map(nameOf).toSorted());
      }
    }));

  it('loses no build when the launcher is killed under running builds and started again', () =>
    play(zuul, async ({ start }) => {
      const launcher = await start('ours');
      const idle = await untilSettled(zuul, HOSTS);
      const building = zuul.build({ count: 16, seconds: 5 });
      await untilBetweenTwoBuilds(zuul, idle);
      await launcher.kill();
      await start('ours');
      assertGood(await building);
    }));
});

/** What a host calls itself. */
function nameOf(node: { readonly address: string }): string {
  return `node-${node.address.split('.').at(-1) ?? ''}`;
}
