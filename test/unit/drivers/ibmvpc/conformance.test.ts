import type { IbmCloud } from '../../../../fixtures/ibm-cloud/cloud.ts';
import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { bootingFrom } from '../booting-from.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { ibmVpcSubject } from './subject.ts';

/** Where there is no room shows when an instance has failed. */
const REFUSALS: Readonly<Record<Exclude<Refusal, 'capacity'>, object>> = {
  transient: { status: 502, code: 'internal_error', message: 'bad gateway' },
  fatal: { status: 400, code: 'not_found', message: 'Image not found' },
};

const NO_ROOM = {
  code: 'cannot_start_capacity',
  message: 'The virtual server instance could not be started due to insufficient capacity.',
};

for (const { label, pool, what } of [
  { label: 'vendors', pool: 'public-ipv4: true', what: 'a cloud image, with a floating IP' },
  { label: 'uploaded', pool: 'public-ipv4: false', what: 'a disk image, without a floating IP' },
])
  cloudDriver(`ibmvpc (its cloud in memory, ${what})`, async () => {
    const { clock, cloud, config, connect } = ibmVpcSubject(
      { lagSeconds: 2, addressSeconds: 1, attachSeconds: 1, pageSize: 3 },
      pool,
    );
    const upload = cloud.plant.image().id;
    const provider = await settleByTurning(clock, connect());
    return {
      ...steered(clock, cloud, bootingFrom(upload, provider, config)),
      config,
      label,
      listingCall: 'GET instances',
      countMachines: () => Promise.resolve(cloud.counts.instances),
      countResources: () => Promise.resolve(countResources(cloud)),
      refuse: (reason) => {
        if (reason === 'capacity') cloud.instances.failure = NO_ROOM;
        else cloud.arm({ call: 'POST instances', mode: 'fail', times: 100, ...REFUSALS[reason] });
      },
      plantForeign: async () => {
        cloud.plant.instance();
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (tags) => {
        const place = placeOf(tags);
        cloud.plant.instance(place);
        cloud.plant.floatingIp(place);
        await clock.advance(LONG_MS);
      },
    };
  });

/** What the driver goes by instead of tags. */
function placeOf(tags: Readonly<Record<string, string>>): { group?: string; name?: string } {
  const { nodepool_provider_name: provider, nodepool_pool_name: pool, nodepool_node_id: id } = tags;
  if (provider === undefined || pool === undefined || id === undefined) return {};
  return { group: `np_${provider}_${pool}`, name: `np${id}` };
}

/** All but the image that is there from the beginning; each instance has a volume. */
function countResources({ counts }: IbmCloud): number {
  const { volumes, floatingIps, images, objects, uploads } = counts;
  return volumes + floatingIps + images + objects + uploads - 1;
}
