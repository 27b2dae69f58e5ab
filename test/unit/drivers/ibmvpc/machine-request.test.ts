import assert from 'node:assert/strict';

import { machineRequest, type Chosen } from '../../../../shared/drivers/ibmvpc/machine-request.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { ibmVpcSubject } from './subject.ts';

const CHOSEN: Chosen = {
  image: { id: 'image' },
  ...{ vpcId: 'vpc', subnetId: 'subnet', groupId: 'group', keyIds: ['k1', 'k2'] },
};

describe('the request for a machine of IBM VPC', () => {
  const { config } = ibmVpcSubject({}, '', {
    labels: [
      'name: told, cloud-image: vendors, user-data: "#cloud-config\\n"',
      'name: bare, cloud-image: vendors, user-data: ""',
    ],
  });

  it('is that of the original', () => {
    const spec = launchSpec(config, 'vendors');
    assert.deepEqual(machineRequest('np0000000001', spec, CHOSEN), {
      keys: [{ id: 'k1' }, { id: 'k2' }],
      name: 'np0000000001',
      profile: { name: 'bx2-2x8' },
      resource_group: { id: 'group' },
      vpc: { id: 'vpc' },
      image: { id: 'image' },
      primary_network_interface: { name: 'eth0', subnet: { id: 'subnet' } },
      zone: { name: 'us-south-1' },
      boot_volume_attachment: {
        volume: { name: 'np0000000001', profile: { name: 'general-purpose' } },
        delete_volume_on_instance_delete: true,
      },
    });
  });

  it('has the user data of the label as they are', () => {
    const of = (label: string) => machineRequest('m', launchSpec(config, label), CHOSEN).user_data;
    assert.equal(of('told'), '#cloud-config\n');
    assert.equal(of('bare'), undefined);
  });

  it('may name the image by its URL, and no keys', () => {
    const chosen = { ...CHOSEN, image: { href: 'https://x/images/i' }, keyIds: [] };
    const { image, keys } = machineRequest('m', launchSpec(config, 'uploaded'), chosen);
    assert.deepEqual([image, keys], [{ href: 'https://x/images/i' }, []]);
  });
});
