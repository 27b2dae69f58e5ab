/**
 * The `gce` driver in a launcher where Google has no room: a request waits for as long as a quota is
 * used up, and no attempt is counted; where there is no machine of the type, attempts count.
 */
import assert from 'node:assert/strict';

import type { GceCloudOptions, Limits } from '../../../fixtures/gce-cloud/ground.ts';
import { waitForRoom } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';
import { GceSite } from '../../support/gce-site.ts';
import type { Fields } from '../../support/cloud-site.ts';
import type { Scene } from '../../support/launcher-scene.ts';

interface Case {
  readonly what: string;
  /** Room for two nodes. */
  readonly limits: Limits;
  /** Default `n1-standard-1`. */
  readonly typeName?: string;
  /** In the log. */
  readonly metric: string;
  readonly options?: Partial<GceCloudOptions>;
}

const CASES: readonly Case[] = [
  { what: 'instances', limits: { instances: 2 }, metric: 'INSTANCES' },
  { what: 'cores', limits: { cores: 2 }, metric: 'CPUS' },
  {
    what: 'cores of the family of its type',
    limits: { families: { N2_CPUS: 4 } },
    typeName: 'n2-standard-2',
    metric: 'N2_CPUS',
  },
  { what: 'addresses', limits: { addresses: 2 }, metric: 'IN_USE_ADDRESSES' },
  { what: 'disks', limits: { disksGb: 20 }, metric: 'DISKS_TOTAL_GB' },
  {
    what: 'cores, which is said at once',
    limits: { cores: 2 },
    metric: 'CPUS',
    options: { quotaShows: 'answer' },
  },
];

const EXHAUSTED = {
  code: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
  message:
    "The zone does not have enough resources available to fulfill the request. '(resource type:compute)'.",
};

describe('the gce driver in a launcher before a full cloud', () => {
  let site: GceSite | undefined;
  afterEach(() => site?.close());

  const run = async (
    steps: (scene: Scene, opened: GceSite) => Promise<void>,
    {
      retries = 1,
      label = {},
      options = {},
    }: { retries?: number; label?: Fields; options?: object },
  ): Promise<void> => {
    const opened = await GceSite.open(options);
    site = opened;
    await opened.play((scene) => steps(scene, opened), {
      providers: [
        opened.provider({ provider: { 'launch-retries': retries }, labels: { small: label } }),
      ],
    });
  };

  for (const { what, limits, typeName = 'n1-standard-1', metric, options = {} } of CASES)
    it(`lets the request wait, and counts no attempt, where there are no more ${what}`, () =>
      run(
        async (scene, { cloud }) => {
          cloud.limits = limits;
          await waitForRoom(scene, {
            ...{ cloud, label: 'small', refused: 'POST instances' },
            fill: () => cloud.plant.instance({ typeName }),
            words: new RegExp(`Quota '${metric}' exceeded`),
          });
        },
        { label: { 'instance-type': typeName }, options },
      ));

  it('counts an attempt where there is no machine of the type', () =>
    run(
      async ({ zuul, own }, { cloud }) => {
        cloud.compute.failure = EXHAUSTED;
        const id = await zuul.submit(['small']);
        await eventually(() => {
          assert.ok(own.lines.some((line) => isFailed(line)));
        });
        cloud.compute.failure = undefined;
        await zuul.untilState(id, 'fulfilled');
        assert.ok(own.lines.some((line) => /node is ready.*"attempt":[23]/.test(line)));
      },
      { retries: 20 },
    ));

  it('gives the request up where that was the last attempt', () =>
    run(async ({ zuul }, opened) => {
      opened.cloud.compute.failure = EXHAUSTED;
      await zuul.untilState(await zuul.submit(['small']), 'failed');
      await opened.untilEmpty();
    }, {}));
});

function isFailed(line: string): boolean {
  return line.includes('launch attempt failed') && line.includes(EXHAUSTED.code);
}
