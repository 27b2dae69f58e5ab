import assert from 'node:assert/strict';

import { addressesOf, hasAddresses } from '../../../../shared/drivers/gce/addresses.ts';
import type { GceInstance } from '../../../../shared/drivers/gce/client/instances.ts';
import { instance } from './shown.ts';

const card = (fields: Partial<GceInstance['networkInterfaces'][number]>): GceInstance =>
  instance(
    {},
    {
      networkInterfaces: [{ accessConfigs: [], ipv6AccessConfigs: [], ...fields }],
    },
  );

describe('gce: addresses', () => {
  it('are those of the first interface, the public one to connect to', () => {
    assert.deepEqual(addressesOf(instance()), {
      publicV4: '1.2.3.4',
      privateV4: '10.0.0.2',
      publicV6: undefined,
      privateV6: undefined,
      interfaceIp: '1.2.3.4',
    });
  });

  it('may be a private one alone, or none', () => {
    assert.equal(addressesOf(card({ networkIP: '10.0.0.2' })).interfaceIp, '10.0.0.2');
    assert.equal(addressesOf(instance({}, { networkInterfaces: [] })).interfaceIp, undefined);
  });

  it('of version 6 are private, or public', () => {
    const inner = addressesOf(card({ networkIP: '10.0.0.2', ipv6Address: 'fd20::1' }));
    assert.deepEqual([inner.privateV6, inner.publicV6], ['fd20::1', undefined]);
    const outer = addressesOf(
      card({
        networkIP: '10.0.0.2',
        ipv6Address: '2600::1',
        ipv6AccessConfigs: [{ externalIpv6: '2600::1' }],
      }),
    );
    assert.deepEqual([outer.privateV6, outer.publicV6], [undefined, '2600::1']);
    assert.equal(outer.interfaceIp, '2600::1');
  });

  it('are waited for, the public one too where one is wanted', () => {
    assert.ok(hasAddresses(instance()));
    assert.ok(hasAddresses(card({ networkIP: '10.0.0.2' })));
    assert.ok(hasAddresses(card({ ipv6Address: 'fd20::1' })));
    assert.ok(!hasAddresses(card({ networkIP: '10.0.0.2', accessConfigs: [{}] })));
    assert.ok(!hasAddresses(card({ networkIP: '', accessConfigs: [{ natIP: '1.2.3.4' }] })));
    assert.ok(!hasAddresses(instance({}, { networkInterfaces: [] })));
  });
});
