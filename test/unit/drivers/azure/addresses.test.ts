import assert from 'node:assert/strict';

import {
  addressesOf,
  allAssigned,
  hasPrivateAddresses,
  publicIpIds,
} from '../../../../shared/drivers/azure/addresses.ts';

const four = { privateIPAddressVersion: 'IPv4', privateIPAddress: '10.0.0.4' };
const six = { privateIPAddressVersion: 'IPv6', privateIPAddress: 'fd00::4' };
const card = (...ipConfigurations: object[]) => ({ ipConfigurations });
const ip = (id: string, ipAddress?: string, publicIPAddressVersion?: string) => ({
  id,
  ...(ipAddress !== undefined && { ipAddress }),
  ...(publicIPAddressVersion !== undefined && { publicIPAddressVersion }),
});

describe('azure: addresses', () => {
  it('are complete when each configuration has its own', () => {
    assert.ok(hasPrivateAddresses(card(four, six)));
    assert.ok(!hasPrivateAddresses(card(four, { privateIPAddressVersion: 'IPv6' })));
    assert.ok(!hasPrivateAddresses(card({ ...four, privateIPAddress: '' })));
    assert.ok(!hasPrivateAddresses(card()));
    assert.ok(!hasPrivateAddresses({}));
  });

  it('that are public are found by the id that the interface names, in whatever case', () => {
    const wanted = publicIpIds(
      card({ ...four, publicIPAddress: { id: '/A/one' } }, six, { publicIPAddress: {} }),
    );
    assert.deepEqual(wanted, ['/A/one']);
    assert.deepEqual(publicIpIds({}), []);
    const assigned = ip('/a/ONE', '203.0.113.4');
    assert.deepEqual(allAssigned([ip('/a/two', '203.0.113.5'), assigned], wanted), [assigned]);
    assert.equal(allAssigned([ip('/a/one')], wanted), undefined);
    assert.equal(allAssigned([ip('/a/one', '')], wanted), undefined);
    assert.equal(allAssigned([], wanted), undefined);
  });

  for (const [what, cards, ips, wanted] of [
    ['IPv4, public', [four], [ip('1', '203.0.113.4')], '203.0.113.4'],
    [
      'both, public',
      [four, six],
      [ip('2', '2001:db8::4', 'IPv6'), ip('1', '203.0.113.4', 'IPv4')],
      '203.0.113.4',
    ],
    ['IPv6, public', [four, six], [ip('2', '2001:db8::4', 'IPv6')], '2001:db8::4'],
    ['both, private', [six, four], [], '10.0.0.4'],
    ['IPv6, private', [six], [], 'fd00::4'],
    ['none', [], [], undefined],
  ] as const)
    it(`to connect to: ${what}`, () => {
      assert.equal(addressesOf(card(...cards), ips).interfaceIp, wanted);
    });

  it('are told by kind; IPv4 is what Azure does not name', () => {
    const { publicV4, publicV6, privateV4, privateV6 } = addressesOf(
      card({ privateIPAddress: '10.0.0.4' }, six),
      [ip('1', '203.0.113.4'), ip('2', '2001:db8::4', 'IPv6')],
    );
    assert.deepEqual(
      [publicV4, publicV6, privateV4, privateV6],
      ['203.0.113.4', '2001:db8::4', '10.0.0.4', 'fd00::4'],
    );
  });
});
