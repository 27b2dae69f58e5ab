/**
 * The same life of images with our builder and with Python's, as statsd is told of it: the same keys of
 * the same types, and the same values where they are no times.
 */
import assert from 'node:assert/strict';

import { builderProgram } from '../../../fixtures/builder/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { eventually } from '../../support/eventually.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { StatsdListener } from '../../support/statsd-listener.ts';
import { BuildersSite, PROVIDERS, type BuilderKind } from './site.ts';

const PATIENCE_MS = 90_000;
const POLL_MS = 100;
const [GOOD, BROKEN, PAUSED] = ['debian-12.5', 'broken', 'paused'] as const;
/** Gauges of ours alone, of running uploads. */
const OURS = /\.upload\.(bytes|percent|rate)\|g$/;
/** Times, and the state of what is tried again and again. */
const VARIES = new RegExp(
  `\\.(duration|last_build)$|^nodepool\\.image_update\\.|\\.${BROKEN}\\.build\\.state$`,
);

interface Told {
  readonly kinds: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

describe('what our builder tells statsd, beside what Python’s tells', function () {
  this.timeout(300_000);
  let zookeeper: RunningZooKeeper;
  let ours: Told;
  let python: Told;

  before(async function () {
    const peers = await peersOrSkip(this, { needsLauncher: true });
    assert.ok(builderProgram());
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
    python = await listen('python', peers, zookeeper);
    ours = await listen('ours', peers, zookeeper);
  });
  after(async () => {
    // Nothing was started where the whole was skipped.
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  it('has the same keys and types, and beside them those of running uploads', () => {
    assert.ok(python.kinds.length > 20, python.kinds.join('\n'));
    assert.deepEqual(
      ours.kinds.filter((kind) => !OURS.test(kind)),
      python.kinds,
    );
    const own = ours.kinds.filter((kind) => OURS.test(kind));
    assert.equal(own.length, 3 * PROVIDERS.length);
  });

  it('has the same sizes, exit codes, states and counts', () => {
    const still = ({ values }: Told): [string, string][] =>
      Object.entries(values).filter(([key]) => !VARIES.test(key) && !OURS.test(`${key}|g`));
    assert.deepEqual(still(ours), still(python));
  });

  it('has times in the same unit', () => {
    const key = `nodepool.dib_image_build.${GOOD}.status`;
    for (const { values } of [ours, python]) {
      const ms = Number(values[`${key}.duration`]);
      assert.ok(ms >= 500 && ms < PATIENCE_MS, `${ms} ms`);
      const last = Number(values[`${key}.last_build`]);
      assert.ok(Number.isInteger(last) && Math.abs(last - Date.now() / 1000) < 600);
    }
  });
});

/** One life of a good image, a broken one, and one that is paused with a request. */
async function listen(kind: BuilderKind, peers: Peers, zookeeper: RunningZooKeeper): Promise<Told> {
  const statsd = await StatsdListener.open();
  const { environment } = statsd;
  const images = [GOOD, BROKEN, PAUSED];
  const site = await BuildersSite.open({ peers, zookeeper, images, environment });
  await site.behave(`sleep 0.5; case $base in ${BROKEN}-*) exit 3 ;; esac`);
  await site.play(async () => {
    for (const name of ['pause', 'request-build']) await site.touch(`${PAUSED}/${name}`);
    await site.start(kind, 'one');
    await eventually(
      () => {
        for (const provider of PROVIDERS)
          assert.ok(statsd.kinds.has(`nodepool.image_update.${GOOD}.${provider}|c`));
        assert.equal(statsd.values.get(`nodepool.dib_image_build.${BROKEN}.status.rc`), '3');
      },
      PATIENCE_MS,
      POLL_MS,
    );
    // Whatever was told before, now comes a round of gauges while nothing happens but waiting.
    statsd.values.delete('nodepool.image_build_requests');
    await eventually(
      () => {
        assert.equal(statsd.values.get('nodepool.image_build_requests'), '1');
        for (const key of statsd.values.keys())
          if (key.endsWith(`image.${GOOD}.build.state`)) assert.equal(statsd.values.get(key), '0');
      },
      PATIENCE_MS,
      POLL_MS,
    );
  });
  statsd.close();
  // Python's client of OpenStack tells of its own, too.
  const isNodepools = (key: string): boolean => key.startsWith('nodepool.');
  const values = [...statsd.values].filter(([key]) => isNodepools(key));
  return {
    kinds: [...statsd.kinds].filter(isNodepools).toSorted(),
    values: Object.fromEntries(values.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
