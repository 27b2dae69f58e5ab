import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import {
  generatePassword,
  machineRequest,
} from '../../../../shared/drivers/azure/machine-request.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const KEY = 'ssh-ed25519 AAAA somebody';

const config = providerConfig(`
name: azure-provider
driver: azure
location: westeurope
resource-group: nodes
resource-group-location: northeurope
auth-path: /auth.json
cloud-images:
  - {name: keyed, username: zuul, key: ${KEY}, image-id: /i}
  - {name: secret, username: admin, password: Given-1, generate-password: true, image-id: /i}
  - {name: made-up, username: admin, generate-password: true, image-id: /i}
diskimages:
  - {name: uploaded, username: builder, key: ${KEY}}
pools:
  - name: both
    max-servers: 1
    ipv4: true
    public-ipv6: true
    labels:
      - {name: keyed, cloud-image: keyed, hardware-profile: {vm-size: Standard_B1s}}
  - name: public
    max-servers: 1
    labels:
      - name: full
        cloud-image: keyed
        diskimage: uploaded
        hardware-profile: {vm-size: Standard_D2s_v3}
        tags: {team: infra, nodepool_node_id: forged, size: 3}
        dynamic-tags: {for: '{request.tenant_name}', bad: '{request.nothing}'}
        user-data: "user: ü"
        custom-data: "#cloud-config"
        volume-size: 40
      - {name: secret, cloud-image: secret, hardware-profile: {vm-size: Standard_B1s}}
      - {name: made-up, cloud-image: made-up, hardware-profile: {vm-size: Standard_B1s}}
  - name: private
    max-servers: 1
    public-ipv4: false
    ipv6: true
    labels:
      - {name: six, cloud-image: keyed, hardware-profile: {vm-size: Standard_B1s}}
`);

/** Of a label of the configuration. */
function requestFor(label: string, more: { zone?: string; config?: ProviderConfig } = {}) {
  const spec = launchSpec(more.config ?? config, label, { availabilityZone: more.zone });
  const request = { ...spec.request, tenantName: 'tenant-one' };
  return machineRequest({
    ...{ name: 'np0000000001', spec: { ...spec, request }, config: more.config ?? config },
    ...{ image: { id: '/image' }, subnetId: '/subnet' },
    pick: (below) => below - 1,
  });
}

describe('azure: what is asked for', () => {
  it('is the whole machine with its disk, interface and addresses, which go with it', () => {
    const options = { deleteOption: 'Delete', sku: { name: 'Standard' } };
    assert.deepEqual(requestFor('keyed'), {
      location: 'westeurope',
      tags: {
        nodepool_node_id: '0000000001',
        nodepool_pool_name: 'both',
        nodepool_provider_name: 'azure-provider',
      },
      hardwareProfile: { vmSize: 'Standard_B1s' },
      osProfile: {
        computerName: 'np0000000001',
        adminUsername: 'zuul',
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          ssh: { publicKeys: [{ path: '/home/zuul/.ssh/authorized_keys', keyData: KEY }] },
        },
      },
      storageProfile: {
        imageReference: { id: '/image' },
        osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
      },
      networkProfile: {
        networkApiVersion: '2020-11-01',
        networkInterfaceConfigurations: [
          {
            name: 'np0000000001-nic',
            deleteOption: 'Delete',
            primary: true,
            ipConfigurations: [
              {
                name: 'np0000000001-v4-config',
                primary: true,
                privateIPAddressVersion: 'IPv4',
                subnet: { id: '/subnet' },
                publicIPAddressConfiguration: {
                  name: 'np0000000001-v4-ip',
                  publicIPAddressVersion: 'IPv4',
                  publicIPAllocationMethod: 'Static',
                  ...options,
                },
              },
              {
                name: 'np0000000001-v6-config',
                primary: false,
                privateIPAddressVersion: 'IPv6',
                subnet: { id: '/subnet' },
                publicIPAddressConfiguration: {
                  name: 'np0000000001-v6-ip',
                  publicIPAddressVersion: 'IPv6',
                  publicIPAllocationMethod: 'Static',
                  ...options,
                },
              },
            ],
          },
        ],
      },
    });
  });

  const addressesFor = (label: string): (readonly [string | undefined, boolean])[] =>
    (
      requestFor(label).networkProfile?.networkInterfaceConfigurations?.[0]?.ipConfigurations ?? []
    ).map((one) => [one.privateIPAddressVersion, one.publicIPAddressConfiguration !== undefined]);

  it('has the addresses that the pool wants', () => {
    assert.deepEqual(addressesFor('full'), [['IPv4', true]]);
    assert.deepEqual(addressesFor('six'), [['IPv6', false]]);
  });

  it('has what the label says, in base64 where Azure wants it so', () => {
    const { userData, osProfile, storageProfile, hardwareProfile } = requestFor('full');
    assert.equal(userData, Buffer.from('user: ü').toString('base64'));
    assert.equal(osProfile?.customData, Buffer.from('#cloud-config').toString('base64'));
    assert.equal(storageProfile?.osDisk?.diskSizeGB, 40);
    assert.equal(hardwareProfile?.vmSize, 'Standard_D2s_v3');
  });

  it("has the label's tags, those of the request, and Nodepool's over them", () => {
    assert.deepEqual(requestFor('full').tags, {
      team: 'infra',
      size: '3',
      for: 'tenant-one',
      nodepool_node_id: '0000000001',
      nodepool_pool_name: 'public',
      nodepool_provider_name: 'azure-provider',
    });
  });

  it('is logged in to as the disk image says, where the label has both', () => {
    assert.equal(requestFor('full').osProfile?.adminUsername, 'builder');
  });

  it('has the password that is given, one of its own where none is, and else none', () => {
    assert.equal(requestFor('secret').osProfile?.adminPassword, 'Given-1');
    const { adminPassword = '', linuxConfiguration } = requestFor('made-up').osProfile ?? {};
    assert.equal(adminPassword.length, 64);
    assert.equal(linuxConfiguration, undefined);
    assert.equal(requestFor('keyed').osProfile?.adminPassword, undefined);
  });

  it('is in a zone only where one is wanted', () => {
    assert.deepEqual(requestFor('keyed', { zone: '2' }).zones, ['2']);
    assert.ok(!('zones' in requestFor('keyed')));
  });
});

describe('azure: a password', () => {
  it('has 64 letters and digits of three kinds, whatever is picked', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const password = generatePassword((below) => Number(numbers.next().value) % below);
        assert.match(password, /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[a-zA-Z0-9]{64}$/);
      }),
    );
  });

  it('is another with each pick, and has no place for a kind', () => {
    let seed = 1;
    const pick = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const passwords = Array.from({ length: 200 }, () => generatePassword(pick));
    assert.equal(new Set(passwords).size, 200);
    for (const place of [0, 1, 2, 63])
      assert.ok(
        passwords.some((one) => /[0-9]/.test(one[place] ?? '')) &&
          passwords.some((one) => /[A-Z]/.test(one[place] ?? '')),
      );
  });
});
