import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  addressesOf,
  floatingAddresses,
  portCount,
} from '../../../../shared/drivers/openstack/addresses.ts';
import { ADDRESS_CASES } from './address-cases.ts';

const NONE = {
  publicV4: undefined,
  privateV4: undefined,
  publicV6: undefined,
  interfaceIp: undefined,
};

describe('addresses of a server', () => {
  for (const { name, server, view, expected } of ADDRESS_CASES)
    it(`are those that openstacksdk finds: ${name}`, () => {
      assert.deepEqual(addressesOf(server, view), { ...NONE, ...expected });
    });

  it('ignore what is no address', () => {
    const server = { addresses: { x: [{ addr: 'broken', version: 4 }] } };
    const [view] = ADDRESS_CASES.map((one) => one.view);
    assert.ok(view);
    assert.deepEqual(addressesOf(server, view), NONE);
  });

  it('never lead over IPv6 where the host has none or none is wanted', () => {
    const one = fc.record({
      addr: fc.constantFrom('10.0.0.1', '8.8.4.4', 'fd00::1'),
      version: fc.constantFrom(4, 6),
    });
    const addresses = fc.dictionary(fc.constantFrom('net', 'public', 'a'), fc.array(one));
    fc.assert(
      fc.property(addresses, fc.constantFrom(...ADDRESS_CASES), (found, { view }) => {
        const shown = Object.fromEntries(
          Object.entries(found).map(([name, all]) => [
            name,
            all.map(({ addr }) => ({ addr, version: addr.includes(':') ? 6 : 4 })),
          ]),
        );
        const { interfaceIp } = addressesOf({ addresses: shown }, view);
        const usesIpv6 = view.hasIpv6 && !view.networking.forceIpv4;
        assert.ok(usesIpv6 || !interfaceIp?.includes(':'), interfaceIp);
      }),
    );
  });
});

describe('what addresses tell of ports', () => {
  const addresses = {
    a: [
      { addr: '10.0.0.1', version: 4, 'OS-EXT-IPS-MAC:mac_addr': 'm1', 'OS-EXT-IPS:type': 'fixed' },
      { addr: 'fd00::1', version: 6, 'OS-EXT-IPS-MAC:mac_addr': 'm1', 'OS-EXT-IPS:type': 'fixed' },
      {
        addr: '8.8.4.4',
        version: 4,
        'OS-EXT-IPS-MAC:mac_addr': 'm1',
        'OS-EXT-IPS:type': 'floating',
      },
    ],
    b: [
      { addr: '10.1.0.1', version: 4, 'OS-EXT-IPS-MAC:mac_addr': 'm2', 'OS-EXT-IPS:type': 'fixed' },
    ],
  };

  it('a port has one hardware address and any number of others', () => {
    assert.equal(portCount({ addresses }), 2);
    assert.equal(portCount({ addresses: null }), 0);
  });

  it('each address is a port where hardware addresses are not shown', () => {
    const [one, two] = addresses.a;
    assert.ok(one && two);
    const shown = [one, two].map(({ addr, version }) => ({ addr, version }));
    assert.equal(portCount({ addresses: { a: shown } }), 2);
  });

  it('floating addresses are told from others', () => {
    assert.deepEqual(floatingAddresses({ addresses }), ['8.8.4.4']);
    assert.deepEqual(floatingAddresses({ addresses: null }), []);
  });
});
