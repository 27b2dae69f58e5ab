/**
 * The `azure` driver in a launcher where Azure has no room: a request waits for as long as the quota is
 * used up, and no attempt is counted; where there is no machine of the size, and where one fails for
 * another reason, attempts count.
 */
import assert from 'node:assert/strict';

import type { AzureCloud } from '../../../fixtures/azure-cloud/cloud.ts';
import type { Limits } from '../../../fixtures/azure-cloud/ground.ts';
import { AzureSite } from '../../support/azure-site.ts';
import { waitForRoom } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';

interface Case {
  readonly what: string;
  /** Room for two nodes. */
  readonly limits: Limits;
  /** Takes what one of them needs. */
  readonly fill: (cloud: AzureCloud) => unknown;
  /** In the log. */
  readonly words: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'machines',
    limits: { instances: 2 },
    fill: ({ plant }) => plant.machine(),
    words: /OperationNotAllowed.*exceeding approved Virtual Machines quota/,
  },
  {
    what: 'cores',
    limits: { cores: 2 },
    fill: ({ plant }) => plant.machine(),
    words: /OperationNotAllowed.*exceeding approved Total Regional Cores quota/,
  },
  {
    what: 'cores of the family of its size',
    limits: { families: { standardBSFamily: 2 } },
    fill: ({ plant }) => plant.machine(),
    words: /OperationNotAllowed.*exceeding approved standardBSFamily Cores quota/,
  },
  {
    what: 'public addresses, which shows when the machine has failed',
    limits: { publicIps: 2 },
    fill: ({ plant }) => plant.publicIp(),
    words: /is in state Failed.*PublicIPCountLimitReached.*more than 2 public IP addresses/,
  },
];

describe('the azure driver in a launcher before a full cloud', () => {
  let site: AzureSite;
  beforeEach(async () => {
    site = await AzureSite.open();
  });
  afterEach(() => site.close());

  const run = (steps: (scene: Scene) => Promise<void>, retries = 1): Promise<void> =>
    site.play(steps, {
      providers: [site.provider({ provider: { 'launch-retries': retries } })],
    });

  for (const { what, limits, fill, words } of CASES)
    it(`lets the request wait, and counts no attempt, where there are no more ${what}`, async () => {
      const { cloud } = site;
      cloud.limits = limits;
      const refused = 'PUT virtualMachines/*';
      await run((scene) =>
        waitForRoom(scene, { cloud, label: 'small', fill: () => fill(cloud), refused, words }),
      );
    });

  for (const { code, message } of [
    { code: 'AllocationFailed', message: 'We do not have sufficient capacity for the size.' },
    { code: 'VMExtensionProvisioningError', message: 'It went wrong.' },
  ])
    it(`counts an attempt where a machine ends so: ${code}`, async () => {
      const { cloud } = site;
      cloud.compute.failure = { code, message };
      await run(async ({ zuul, own }) => {
        const isFailed = (): boolean =>
          own.lines.some((line) => line.includes('launch attempt failed') && line.includes(code));
        // The next attempt begins when the first one's machine is gone.
        cloud.hold('delete');
        const id = await zuul.submit(['small']);
        await eventually(() => {
          assert.ok(isFailed());
        });
        cloud.compute.failure = undefined;
        cloud.release('delete');
        await zuul.untilState(id, 'fulfilled');
        assert.ok(own.lines.some((line) => /node is ready.*"attempt":2/.test(line)));
      }, 2);
    });

  it('gives the request up where that was the last attempt', async () => {
    site.cloud.compute.failure = { code: 'AllocationFailed', message: 'No capacity.' };
    await run(async ({ zuul }) => {
      await zuul.untilState(await zuul.submit(['small']), 'failed');
      await site.untilEmpty();
    });
  });
});
