import assert from 'node:assert/strict';

import { PROJECT } from '../../../../fixtures/gce-cloud/ground.ts';
import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { gceSubject } from './subject.ts';

const REFUSALS: Readonly<Record<Refusal, { status: number; code: string; message: string }>> = {
  transient: { status: 502, code: 'backendError', message: 'bad gateway' },
  capacity: {
    status: 503,
    code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
    message: 'The zone does not have enough resources available to fulfill the request.',
  },
  fatal: { status: 404, code: 'notFound', message: 'The image was not found' },
};

/** Refusals that Google gives at times. */
const STRICT = { quotaShows: 'answer', secondDelete: 'notReady' } as const;
const LAGGING = { lagSeconds: 2, ghostSeconds: 2, addressSeconds: 1, pageSize: 20 };

for (const { label, pool, options, what } of [
  { label: 'family', pool: '', options: LAGGING, what: "a family's image" },
  {
    ...{ label: 'golden', pool: 'use-internal-ip: true', what: 'an image of our own' },
    options: { ...LAGGING, ...STRICT, otherLagSeconds: 2 },
  },
])
  cloudDriver(`gce (its cloud in memory, ${what})`, async () => {
    const subject = gceSubject(options, pool);
    const { clock, cloud } = subject;
    const provider = await settleByTurning(clock, subject.connect());
    return {
      ...steered(clock, cloud, provider),
      config: subject.config,
      label,
      listingCall: 'GET instances',
      countMachines: () => Promise.resolve(cloud.counts.instances),
      countResources: () => Promise.resolve(cloud.counts.instances + cloud.counts.disks),
      refuse: (reason) => {
        cloud.arm({ call: 'POST instances', mode: 'fail', times: 100, ...REFUSALS[reason] });
      },
      plantForeign: async () => {
        cloud.plant.instance();
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (metadata) => {
        cloud.plant.instance({ metadata });
        cloud.plant.instance({ metadata, status: 'TERMINATED' });
        await clock.advance(LONG_MS);
      },
      close: async () => {
        await provider.close();
        subject.close();
      },
    };
  });

describe('gce, where lists have several pages,', () => {
  it('counts the instances of all of them, and none where one fails', async () => {
    const subject = gceSubject({ pageSize: 20 });
    const { clock, cloud } = subject;
    const provider = await settleByTurning(clock, subject.connect());
    try {
      const { signal } = new AbortController();
      for (let count = 0; count < 45; count++) cloud.plant.instance();
      const listed = await settleByTurning(clock, provider.listInstances(signal));
      assert.equal(listed.length, 45);
      cloud.arm({ call: 'GET instances page', mode: 'fail', status: 403, code: 'forbidden' });
      await settleByTurning(clock, assert.rejects(provider.listInstances(signal)));
    } finally {
      await provider.close();
      subject.close();
    }
  });
});

describe('gce on a machine of Google, without a file of credentials,', () => {
  it('has its tokens from the metadata server', async () => {
    const subject = gceSubject();
    const { clock, cloud } = subject;
    cloud.login.metadata = PROJECT;
    const provider = await settleByTurning(clock, subject.connect({ environment: {} }));
    try {
      const { signal } = new AbortController();
      await settleByTurning(clock, provider.listInstances(signal));
      assert.ok(cloud.calls.includes('GET metadata token'));
      assert.ok(!cloud.calls.includes('POST token'));
    } finally {
      await provider.close();
      subject.close();
    }
  });
});
