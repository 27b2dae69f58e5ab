import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { exampleSubject } from './subject.ts';

const REFUSALS: Readonly<Record<Refusal, { status: number; code: string }>> = {
  transient: { status: 502, code: 'bad-gateway' },
  capacity: { status: 503, code: 'no-capacity' },
  fatal: { status: 400, code: 'no-such-image' },
};

cloudDriver('example (its cloud in memory)', async () => {
  const { clock, cloud, config, connect } = exampleSubject({ lagSeconds: 2, pageSize: 3 });
  const provider = await settleByTurning(clock, connect());
  const plant = (tags: Readonly<Record<string, string>>): void => {
    const name = `planted-${cloud.machines.size}`;
    cloud.create({ name, type: 'small', tags });
    cloud.createAddress({ name, machine: name, tags });
  };
  return {
    ...steered(clock, cloud, provider),
    config,
    label: 'plain',
    listingCall: 'GET machines',
    countMachines: () => Promise.resolve(cloud.machines.size),
    countResources: () => Promise.resolve(cloud.machines.size + cloud.addresses.size),
    refuse: (reason) => {
      cloud.arm({ call: 'POST machines', mode: 'fail', times: 100, ...REFUSALS[reason] });
    },
    plantForeign: async () => {
      plant({});
      await clock.advance(LONG_MS);
    },
    leaveBehind: async (tags) => {
      plant(tags);
      await clock.advance(LONG_MS);
    },
  };
});
