/**
 * The `ibmvpc` driver in a launcher where IBM has no room: a request waits for as long as the quota is
 * used up, and no attempt is counted; where a machine finds no place, attempts count.
 */
import assert from 'node:assert/strict';

import type { IbmCloud } from '../../../fixtures/ibm-cloud/cloud.ts';
import type { Limits } from '../../../fixtures/ibm-cloud/ground.ts';
import { waitForRoom } from '../../support/cloud-life.ts';
import type { Fields } from '../../support/cloud-site.ts';
import { eventually } from '../../support/eventually.ts';
import { IbmSite } from '../../support/ibm-site.ts';
import type { Scene } from '../../support/launcher-scene.ts';

interface Case {
  readonly what: string;
  /** Room for two nodes. */
  readonly limits: Limits;
  /** Takes what one of them needs. */
  readonly fill: (cloud: IbmCloud) => unknown;
  readonly refused: string;
  /** In the log. */
  readonly words: RegExp;
}

const instance = {
  fill: ({ plant }: IbmCloud) => plant.instance(),
  refused: 'POST instances',
};

const CASES: readonly Case[] = [
  {
    ...{ what: 'instances', limits: { instances: 2 }, ...instance },
    words: /over_quota: The quota of instances/,
  },
  {
    ...{ what: 'cores', limits: { cores: 4 }, ...instance },
    words: /over_quota: The quota of vCPU/,
  },
  {
    ...{ what: 'memory', limits: { ram: 16 }, ...instance },
    words: /over_quota: The quota of memory/,
  },
  {
    what: 'floating IPs',
    limits: { floatingIps: 2 },
    fill: ({ plant }) => plant.floatingIp(),
    refused: 'POST floating_ips',
    words: /over_quota: The quota of floating IPs/,
  },
];

describe('the ibmvpc driver in a launcher before a full cloud', () => {
  let site: IbmSite;
  beforeEach(async () => {
    site = await IbmSite.open();
  });
  afterEach(() => site.close());

  const run = (
    steps: (scene: Scene) => Promise<void>,
    provider: Fields = { 'launch-retries': 1 },
  ): Promise<void> => site.play(steps, { providers: [site.provider({ provider })] });

  for (const { what, limits, fill, refused, words } of CASES)
    it(`lets the request wait, and counts no attempt, where there are no more ${what}`, async () => {
      const { cloud } = site;
      cloud.limits = limits;
      await run((scene) =>
        waitForRoom(scene, { cloud, label: 'small', fill: () => fill(cloud), refused, words }),
      );
    });

  for (const quota of [{ instances: 1 }, { cores: 3 }, { ram: 10_000 }])
    it(`asks for no more than the section allows: ${Object.keys(quota).join()}`, () =>
      run(
        async ({ zuul }) => {
          const { id, nodes } = await zuul.ask(['small']);
          const using = await zuul.use(id, nodes);
          const second = await zuul.submit(['small']);
          await zuul.untilState(second, 'pending');
          await eventually(async () => {
            assert.equal((await zuul.request(second))?.state, 'pending');
            assert.ok(site.cloud.calls.filter((call) => call === 'GET instances').length > 3);
          });
          assert.equal(site.cloud.calls.filter((call) => call === 'POST instances').length, 1);
          await using.giveBack();
          await zuul.untilState(second, 'fulfilled');
        },
        { 'launch-retries': 1, quota },
      ));

  for (const code of ['cannot_start_capacity', 'cannot_start'])
    it(`counts an attempt where an instance ends so: ${code}`, async () => {
      const { cloud } = site;
      cloud.instances.failure = { code, message: 'It could not be started.' };
      await run(
        async ({ zuul, own }) => {
          const isFailed = (): boolean =>
            own.lines.some((line) => line.includes('launch attempt failed') && line.includes(code));
          // The next attempt begins when the first one's instance is gone.
          cloud.hold('delete');
          const id = await zuul.submit(['small']);
          await eventually(() => {
            assert.ok(isFailed());
          });
          cloud.instances.failure = undefined;
          cloud.release('delete');
          await zuul.untilState(id, 'fulfilled');
          assert.ok(own.lines.some((line) => /node is ready.*"attempt":2/.test(line)));
        },
        { 'launch-retries': 2 },
      );
    });

  it('gives the request up where that was the last attempt', async () => {
    site.cloud.instances.failure = { code: 'cannot_start_capacity', message: 'No capacity.' };
    await run(async ({ zuul }) => {
      await zuul.untilState(await zuul.submit(['small']), 'failed');
      await site.untilEmpty();
    });
  });
});
