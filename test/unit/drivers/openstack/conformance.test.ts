import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { openStackSubject } from './subject.ts';

const REFUSALS: Readonly<Record<Refusal, { status: number; message: string }>> = {
  transient: { status: 502, message: 'bad gateway' },
  capacity: {
    status: 500,
    message: 'No valid host was found. There are not enough hosts available.',
  },
  fatal: { status: 400, message: 'Can not find requested image' },
};

for (const label of ['plain', 'volume'])
  cloudDriver(`openstack (its cloud in memory, label ${label})`, async () => {
    const { clock, cloud, config, connect } = openStackSubject({
      ...{ lagSeconds: 2, addressLagSeconds: 2, floatingIpSeconds: 1, pageSize: 3 },
    });
    const provider = await settleByTurning(clock, connect());
    const countResources = (): number => {
      const { servers, ports, floatingIps, volumes } = cloud.counts;
      return servers + ports + floatingIps + volumes;
    };
    return {
      ...steered(clock, cloud, provider),
      config,
      label,
      listingCall: 'GET servers/detail',
      countMachines: () => Promise.resolve(cloud.counts.servers),
      countResources: () => Promise.resolve(countResources()),
      refuse: (reason) => {
        cloud.arm({ call: 'POST servers', mode: 'fail', times: 100, ...REFUSALS[reason] });
      },
      plantForeign: async () => {
        cloud.plant.server({ hasPort: false });
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (tags) => {
        cloud.plant.server({ metadata: tags, hasPort: false });
        cloud.plant.volume({ metadata: tags });
        cloud.plant.floatingIp({ description: JSON.stringify(tags) });
        await clock.advance(LONG_MS);
      },
    };
  });
