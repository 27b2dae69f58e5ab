import assert from 'node:assert/strict';

import { silentLogger } from '../../../../shared/base/log.ts';
import type { LaunchSpec } from '../../../../shared/drivers/driver.ts';
import {
  serverRequest,
  type ServerWish,
} from '../../../../shared/drivers/openstack/server-request.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const config = providerConfig(`
name: cloud
driver: openstack
cloud: memory
cloud-images:
  - {name: image}
pools:
  - name: main
    labels:
      - {name: plain, cloud-image: image, flavor-name: small}
      - {name: volume, cloud-image: image, flavor-name: small, boot-from-volume: true, volume-size: 7}
      - name: full
        cloud-image: image
        flavor-name: small
        key-name: key
        userdata: "#cloud-config\\nä"
        instance-properties: {number: 5, flag: true, text: x, list: [1, a], groups: mine}
        dynamic-instance-properties:
          tenant: "{request.tenant_name}"
          text: "{request.id}"
          broken: "{request.labels[5]}"
          nodepool_node_id: "{request.id}"
`);

const wish = (label: string, spec: Partial<LaunchSpec> = {}, changes: Partial<ServerWish> = {}) =>
  serverRequest({
    spec: launchSpec(config, label, spec),
    provider: 'cloud',
    imageName: 'image',
    imageId: 'image-id',
    configDrive: undefined,
    flavorId: 'flavor-id',
    networkIds: [],
    securityGroups: [],
    ...changes,
  });

const TAGS = {
  nodepool_node_id: '0000000001',
  nodepool_pool_name: 'main',
  nodepool_provider_name: 'cloud',
};

describe('what nova is asked for', () => {
  it('says nothing of what is not configured', () => {
    assert.deepEqual(wish('plain'), {
      name: 'np0000000001',
      flavorRef: 'flavor-id',
      imageRef: 'image-id',
      metadata: { groups: 'cloud,image,plain', ...TAGS },
      min_count: 1,
      max_count: 1,
    });
  });

  it('has the volume instead of the image where that is to boot', () => {
    const { imageRef, block_device_mapping_v2: devices } = wish('volume');
    assert.equal(imageRef, '');
    assert.deepEqual(devices, [
      {
        boot_index: 0,
        uuid: 'image-id',
        source_type: 'image',
        destination_type: 'volume',
        volume_size: 7,
        delete_on_termination: true,
      },
    ]);
  });

  it('has key, user data, zone, networks and security groups', () => {
    const request = wish(
      'full',
      { availabilityZone: 'az1' },
      { networkIds: ['n2', 'n1'], securityGroups: ['web'], configDrive: true },
    );
    assert.equal(request.key_name, 'key');
    assert.equal(Buffer.from(String(request.user_data), 'base64').toString(), '#cloud-config\nä');
    assert.equal(request.availability_zone, 'az1');
    assert.deepEqual(request.networks, [{ uuid: 'n2' }, { uuid: 'n1' }]);
    assert.deepEqual(request.security_groups, [{ name: 'web' }]);
    assert.equal(request.config_drive, true);
  });

  it('has no word of a config drive that is not wanted', () => {
    assert.ok(!('config_drive' in wish('plain', {}, { configDrive: false })));
  });
});

describe('the metadata of a server', () => {
  it('are texts; later sources win, and the tags over all', () => {
    const warned: unknown[] = [];
    const log = { ...silentLogger, warn: (_: string, fields?: object) => warned.push(fields) };
    const request = { ...launchSpec(config, 'full').request, tenantName: 'ténant' };
    assert.deepEqual(wish('full', { log, request }).metadata, {
      groups: 'mine',
      number: '5',
      flag: 'true',
      text: '200-0000000001',
      list: '[1,"a"]',
      tenant: 'ténant',
      ...TAGS,
    });
    assert.equal(warned.length, 1);
    assert.deepEqual((warned as { tag: string }[])[0]?.tag, 'broken');
  });
});
