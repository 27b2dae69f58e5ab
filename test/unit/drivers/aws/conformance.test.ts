import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { loadSdk } from '../../../support/load-aws-sdk.ts';
import { awsSubject } from './subject.ts';

const REFUSALS: Readonly<Record<Refusal, { status: number; code: string; message: string }>> = {
  transient: { status: 503, code: 'Unavailable', message: 'The service is unavailable.' },
  capacity: {
    status: 500,
    code: 'InsufficientInstanceCapacity',
    message: 'There is no Spot capacity available that matches your request.',
  },
  fatal: { status: 400, code: 'InvalidParameterValue', message: "Invalid value 'x'." },
};

/** The call that makes the machine of a label. */
const CREATIONS: Readonly<Record<string, string>> = {
  plain: 'RunInstances',
  spot: 'RunInstances',
  fleet: 'CreateFleet',
  host: 'RunInstances',
};

before(loadSdk);

for (const [label, creation] of Object.entries(CREATIONS))
  cloudDriver(`aws (its cloud in memory, label ${label})`, async () => {
    const { clock, cloud, config, connect } = awsSubject({ lagSeconds: 2, pageSize: 25 });
    const provider = await settleByTurning(clock, connect());
    return {
      ...steered(clock, cloud, provider),
      config,
      label,
      isKindOpen: label === 'fleet',
      listingCall: label === 'host' ? 'DescribeHosts' : 'DescribeInstances',
      countMachines: () => Promise.resolve(cloud.counts.instances),
      countResources: () =>
        Promise.resolve(
          Object.values({ ...cloud.counts }).reduce((sum: number, count: number) => sum + count, 0),
        ),
      exhaustQuota: () => {
        cloud.limits = { instances: 0, 'L-8B7BF662': 0 };
      },
      refuse: (reason) => {
        cloud.arm({ call: creation, mode: 'fail', times: 100, ...REFUSALS[reason] });
      },
      plantForeign: async () => {
        cloud.plant.instance();
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (tags) => {
        const { plant } = cloud;
        plant.host({ tags });
        plant.instance({ tags, hasVolume: false });
        plant.volume({ tags });
        plant.image({ tags, mappings: [] });
        plant.snapshot({ tags });
        plant.object('left.raw', tags);
        cloud.hold('create');
        plant.task({ kind: 'snapshot', tags });
        await clock.advance(LONG_MS);
      },
    };
  });
