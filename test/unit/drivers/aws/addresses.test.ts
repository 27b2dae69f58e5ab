import assert from 'node:assert/strict';

import { addressesOf } from '../../../../shared/drivers/aws/addresses.ts';

const V4 = { PublicIpAddress: '203.0.113.1' };
const PRIVATE = { PrivateIpAddress: '10.0.0.1' };
const V6 = {
  NetworkInterfaces: [
    { Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }, { Ipv6Address: '2001:db8::2' }] },
    { Ipv6Addresses: [{ Ipv6Address: '2001:db8::3' }] },
  ],
};

describe('the addresses of an instance', () => {
  it('are its own, and the first IPv6 of its first interface', () => {
    assert.deepEqual(addressesOf({ ...V4, ...PRIVATE, ...V6 }), {
      publicV4: '203.0.113.1',
      privateV4: '10.0.0.1',
      publicV6: '2001:db8::1',
      interfaceIp: '203.0.113.1',
    });
  });

  it('are connected to by public IPv4, then IPv6, then privately', () => {
    assert.equal(addressesOf({ ...V6, ...PRIVATE }).interfaceIp, '2001:db8::1');
    assert.equal(addressesOf(PRIVATE).interfaceIp, '10.0.0.1');
    assert.equal(addressesOf({ ...PRIVATE, PublicIpAddress: '' }).interfaceIp, '10.0.0.1');
    assert.equal(addressesOf({ NetworkInterfaces: [{}] }).interfaceIp, undefined);
  });
});
