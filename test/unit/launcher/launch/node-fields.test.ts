import assert from 'node:assert/strict';

import {
  instanceFields,
  launchMetadata,
  loginFields,
  requestFacts,
} from '../../../../launcher/launch/node-fields.ts';
import type { PoolConfig, ProviderImage } from '../../../../schemas/config/model.ts';
import type { Instance } from '../../../../shared/drivers/driver.ts';
import { request } from '../../../support/launcher-world.ts';

const pool = (fields: Partial<PoolConfig> = {}): PoolConfig => ({
  ...{ name: 'main', priority: 100, limits: {}, ignoreProviderQuota: false },
  ...{ nodeAttributes: undefined, availabilityZones: [], useInternalIp: false },
  ...{ labels: new Map(), options: {} },
  ...fields,
});
const instance = (fields: Partial<Instance> = {}): Instance => ({
  externalId: 'vm-1',
  interfaceIp: '203.0.113.1',
  ...fields,
});

describe('loginFields', () => {
  const image: ProviderImage = {
    ...{ name: 'debian', username: undefined, pythonPath: 'auto', shellType: undefined },
    ...{ connectionType: 'winrm', connectionPort: 5986, isPaused: false, options: {} },
  };

  it('says how to log in, the port under both of its names', () => {
    assert.deepEqual(loginFields({ ...image, username: 'admin', shellType: 'cmd' }), {
      ...{ username: 'admin', python_path: 'auto', shell_type: 'cmd' },
      ...{ connection_type: 'winrm', connection_port: 5986, ssh_port: 5986 },
    });
  });

  it('leaves the user as it is where the image names none', () => {
    assert.equal(loginFields(image).username, null);
    assert.equal(loginFields(image).shell_type, null);
  });
});

describe('instanceFields', () => {
  it('gives an address where the driver says to connect', () => {
    const fields = instanceFields(instance({ privateIpv4: '10.0.0.1' }), pool());
    assert.equal(fields.interface_ip, '203.0.113.1');
    assert.equal(fields.private_ipv4, '10.0.0.1');
  });

  it('gives an internal address where the pool says use-internal-ip and there is one', () => {
    const internal = pool({ useInternalIp: true });
    const ipv6 = 'fd00::1';
    for (const [known, expected] of [
      [{ privateIpv4: '10.0.0.1', privateIpv6: ipv6 }, '10.0.0.1'],
      [{ privateIpv6: ipv6 }, ipv6],
      [{}, '203.0.113.1'],
    ] as const) {
      assert.equal(instanceFields(instance(known), internal).interface_ip, expected);
    }
  });

  it('leaves out what the machine does not say, so the image stays in force', () => {
    const fields = instanceFields(instance(), pool());
    for (const name of [
      ...['username', 'python_path', 'shell_type', 'connection_type', 'connection_port'],
      ...['host_keys', 'resources', 'driver_data', 'slot', 'attributes', 'node_properties'],
    ]) {
      assert.equal(name in fields, false, name);
    }
  });

  it('takes over what the machine says', () => {
    const fields = instanceFields(
      instance({
        ...{ username: 'u', pythonPath: 'p', shellType: null, connectionType: 'c' },
        ...{ connectionPort: 2222, hostKeys: ['key'], slot: 0, driverData: null },
        ...{ resources: { cores: 2 }, nodeProperties: { spot: true } },
      }),
      pool(),
    );
    assert.deepEqual(
      [fields.username, fields.python_path, fields.shell_type, fields.connection_type],
      ['u', 'p', null, 'c'],
    );
    assert.deepEqual([fields.connection_port, fields.ssh_port], [2222, 2222]);
    assert.deepEqual([fields.host_keys, fields.slot, fields.driver_data], [['key'], 0, null]);
    assert.deepEqual([fields.resources, fields.node_properties], [{ cores: 2 }, { spot: true }]);
  });

  it("puts the pool's attributes over those of the machine", () => {
    const fields = instanceFields(
      instance({ nodeAttributes: { a: 1, b: 1 } }),
      pool({ nodeAttributes: { b: 2 } }),
    );
    assert.deepEqual(fields.attributes, { a: 1, b: 2 });
  });

  it('shares no object with the machine, whose driver may go on using it', () => {
    const resources = { cores: 2 };
    const port = { token: 't' };
    const id = { host: 'h' };
    const fields = instanceFields(
      instance({ externalId: id, resources, connectionPort: port }),
      pool(),
    );
    assert.notEqual(fields.resources, resources);
    assert.notEqual(fields.connection_port, port);
    assert.notEqual(fields.external_id, id);
    assert.deepEqual(
      [fields.resources, fields.connection_port, fields.external_id],
      [resources, port, id],
    );
  });
});

describe('requestFacts', () => {
  it('are what the request says, under the names of dynamic tags', () => {
    const wanted = request({
      ...{ requestor: 'zuul', requestor_data: { build: 1 }, relative_priority: 3 },
      ...{ event_id: 'e', created_time: 5, tenant_name: 'acme' },
    });
    assert.deepEqual(requestFacts('100-0000000001', wanted), {
      ...{ id: '100-0000000001', labels: ['small'], requestor: 'zuul' },
      ...{ requestorData: { build: 1 }, relativePriority: 3, eventId: 'e' },
      ...{ createdTime: 5, tenantName: 'acme' },
    });
  });
});

describe('launchMetadata', () => {
  it('has the keys by which leaks are found, also by the original', () => {
    assert.deepEqual(launchMetadata('7', 'main', 'cloud'), {
      nodepool_node_id: '7',
      nodepool_pool_name: 'main',
      nodepool_provider_name: 'cloud',
    });
  });
});
