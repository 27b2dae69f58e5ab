import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import type { InstanceRequest } from '../../../../shared/drivers/gce/client/instances.ts';
import { instanceRequest } from '../../../../shared/drivers/gce/instance-request.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody';

function request(image: string, label = ''): InstanceRequest {
  const config = providerConfig(`
name: gce
driver: gce
project: p
region: europe-west4
zone: europe-west4-a
cloud-images: [{name: image, image-id: golden, ${image}}]
pools:
  - name: main
    max-servers: 1
    labels: [{name: small, cloud-image: image, instance-type: n1-standard-1, ${label}}]
`);
  const machineType = 'https://host/machineTypes/n1-standard-1';
  const spec = launchSpec(config, 'small');
  const { zone } = config.options as { zone: string };
  return instanceRequest({
    name: 'np0000000001',
    spec,
    config,
    zone,
    image: 'golden',
    machineType,
  });
}

describe('gce: the request for an instance', () => {
  it("is the original's", () => {
    assert.deepEqual(request(`username: zuul, key: ${KEY}`), {
      name: 'np0000000001',
      machineType: 'https://host/machineTypes/n1-standard-1',
      disks: [
        {
          boot: true,
          autoDelete: true,
          initializeParams: {
            sourceImage: 'golden',
            diskType: 'zones/europe-west4-a/diskTypes/pd-standard',
            diskSizeGb: '10',
          },
        },
      ],
      networkInterfaces: [
        {
          network: 'global/networks/default',
          accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
        },
      ],
      serviceAccounts: [],
      metadata: {
        items: [
          { key: 'nodepool_node_id', value: '0000000001' },
          { key: 'nodepool_pool_name', value: 'main' },
          { key: 'nodepool_provider_name', value: 'gce' },
          { key: 'ssh-keys', value: `zuul:${KEY}` },
        ],
      },
    });
  });

  it("has the label's disk", () => {
    assert.deepEqual(request('username: zuul', 'volume-type: pd-ssd, volume-size: 40').disks, [
      {
        boot: true,
        autoDelete: true,
        initializeParams: {
          sourceImage: 'golden',
          diskType: 'zones/europe-west4-a/diskTypes/pd-ssd',
          diskSizeGb: '40',
        },
      },
    ]);
  });

  it('has no key where the image has none', () => {
    const { metadata } = request('username: zuul');
    assert.ok(!metadata.items.some(({ key }) => key === 'ssh-keys'));
  });

  it('is none where a key has no user', () => {
    assert.throws(
      () => request(`key: ${KEY}`),
      (error: Error) => hasCode(error, 'NP_CLOUD_FATAL') && /image .*user/.test(error.message),
    );
  });
});
