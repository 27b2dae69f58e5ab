import type { AzureCloud } from '../../../../fixtures/azure-cloud/cloud.ts';
import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { bootingFrom } from '../booting-from.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { azureSubject } from './subject.ts';

const REFUSALS: Readonly<Record<Refusal, { status: number; code: string; message: string }>> = {
  transient: { status: 502, code: 'BadGateway', message: 'bad gateway' },
  capacity: {
    status: 409,
    code: 'SkuNotAvailable',
    message: 'The requested VM size is currently not available in this location.',
  },
  fatal: { status: 400, code: 'InvalidParameter', message: 'The image cannot be found.' },
};

const cascadeSeconds = 1;
/** The upload that the label with a disk image boots from. */
const UPLOAD = 'upload-1';

const PRIVATE = ['public-ipv4: false', 'ipv4: true', 'ipv6: true'].join('\n    ');

for (const { label, pool, what } of [
  { label: 'marketplace', pool: '', what: 'an image of the marketplace, with a public address' },
  { label: 'marketplace', pool: PRIVATE, what: 'private addresses of both families' },
  { label: 'uploaded', pool: '', what: 'a disk image' },
])
  cloudDriver(`azure (its cloud in memory, ${what})`, async () => {
    const subject = azureSubject(
      { lagSeconds: 2, otherLagSeconds: 2, addressSeconds: 1, cascadeSeconds, pageSize: 3 },
      pool,
    );
    const { clock, cloud } = subject;
    cloud.plant.image({ name: UPLOAD });
    const provider = await settleByTurning(clock, subject.connect());
    return {
      ...steered(clock, cloud, bootingFrom(UPLOAD, provider, subject.config)),
      config: subject.config,
      label,
      listingCall: 'GET virtualMachines',
      countMachines: () => Promise.resolve(cloud.counts.machines),
      countResources: async () => {
        // What goes with a machine is left to Azure.
        await clock.advance(cascadeSeconds * 1000);
        return countResources(cloud);
      },
      refuse: (reason) => {
        cloud.arm({ call: 'PUT virtualMachines/*', mode: 'fail', times: 100, ...REFUSALS[reason] });
      },
      plantForeign: async () => {
        cloud.plant.machine();
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (tags) => {
        cloud.plant.machine({ tags });
        cloud.plant.nic({ tags });
        cloud.plant.publicIp({ tags });
        cloud.plant.disk({ tags });
        cloud.plant.image({ tags });
        await clock.advance(LONG_MS);
      },
      close: async () => {
        await provider.close();
        subject.close();
      },
    };
  });

/** All but the image that is there from the beginning. */
function countResources({ counts }: AzureCloud): number {
  const { machines, interfaces, publicIps, disks, images } = counts;
  return machines + interfaces + publicIps + disks + images - 1;
}
