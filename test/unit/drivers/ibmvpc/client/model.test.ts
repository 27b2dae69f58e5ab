import assert from 'node:assert/strict';

import {
  floatingIp,
  image,
  instance,
  profile,
  subnet,
} from '../../../../../shared/drivers/ibmvpc/client/model.ts';

const group = { id: 'g', name: 'np_a_b' };

const machine = (fields: object): ReturnType<typeof instance.parse> =>
  instance.parse({
    ...{ id: 'i', name: 'n', status: 'running', resource_group: group },
    ...{ profile: { name: 'p', href: 'x' }, zone: { name: 'z' } },
    ...fields,
  });

describe('what the answers of IBM hold', () => {
  it('of machines, as much as IBM tells', () => {
    const reason = { code: 'c', message: 'm', more_info: 'x' };
    assert.deepEqual(
      machine({ vcpu: { count: 2 }, memory: 8, status_reasons: [reason], lifecycle_reasons: [] }),
      {
        ...{ id: 'i', name: 'n', status: 'running', isFailed: false, isDeleting: false },
        ...{ reasons: [{ code: 'c', message: 'm' }], profile: 'p', zone: 'z', group },
        ...{ cores: 2, memory: 8, card: undefined },
      },
    );
  });

  for (const [fields, isFailed, isDeleting] of [
    [{ status: 'failed' }, true, false],
    [{ status: 'pending', lifecycle_state: 'failed' }, true, false],
    [{ status: 'deleting' }, false, true],
    [{ status: 'stopping', lifecycle_state: 'deleting' }, false, true],
    [{ status: 'stopped' }, false, false],
    [
      { status: 'stopped', status_reasons: [{ code: 'cannot_start_capacity', message: 'm' }] },
      true,
      false,
    ],
    [{ status: 'something-new' }, false, false],
  ] as const)
    it(`of a machine, whether it failed or goes: ${JSON.stringify(fields)}`, () => {
      const found = machine(fields);
      assert.deepEqual([found.isFailed, found.isDeleting], [isFailed, isDeleting]);
    });

  for (const [fields, address] of [
    [{ primary_ip: { address: '10.0.0.4', id: 'r' } }, '10.0.0.4'],
    [{ primary_ipv4_address: '10.0.0.5' }, '10.0.0.5'],
    [{ primary_ip: { address: '0.0.0.0' } }, undefined],
    [{ primary_ip: { address: '' } }, undefined],
    [{}, undefined],
  ] as const)
    it(`of an interface, its address: ${JSON.stringify(fields)}`, () => {
      const { card } = machine({ primary_network_interface: { id: 'nic', ...fields } });
      assert.deepEqual(card, { id: 'nic', address });
    });

  it('of addresses, images, subnets and profiles', () => {
    const zone = { name: 'z' };
    const ip = floatingIp.parse({
      ...{ id: 'f', name: 'n', status: 'pending', resource_group: { id: 'g' }, zone },
    });
    assert.deepEqual([ip.address, ip.targetId], ['', undefined]);
    const picture = image.parse({ id: 'i', name: 'n', status: 'pending', resource_group: group });
    assert.deepEqual([picture.ownerType, picture.operatingSystem], [undefined, {}]);
    const net = { id: 's', name: 'n', zone, vpc: { id: 'v' } };
    assert.deepEqual(subnet.parse(net), { id: 's', name: 'n', zone: 'z', vpcId: 'v' });
    const depends = {
      name: 'p',
      vcpu_count: { type: 'dependent' },
      memory: { type: 'fixed', value: 4 },
    };
    assert.deepEqual(profile.parse(depends), { name: 'p', cores: undefined, memory: 4 });
  });
});
