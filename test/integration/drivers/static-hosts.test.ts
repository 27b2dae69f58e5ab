import assert from 'node:assert/strict';

import { freePorts } from '../../../fixtures/processes/ports.ts';
import { startFaultyHost } from '../../../fixtures/ssh/faulty-host.ts';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { connectStatic } from '../../support/static-provider.ts';

const OTHER_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3eEYc0zHnTXDkn3bGwYIb3nBDrSLCYnvMYoWYoUBXq';

describe('static hosts', () => {
  let server: RunningSshServer;
  let closedPort: number;
  before(async () => {
    server = await startSshServer({ address: '0.0.0.0', hostKeyTypes: ['ed25519', 'ecdsa'] });
    [closedPort = 0] = await freePorts(1);
  });
  after(() => server.stop());

  it('are lent once for each parallel job, with what the configuration says', async () => {
    const { inventory } = await connectStatic(`
    - name: 127.0.0.1
      labels: [one, two]
      username: builder
      connection-port: ${server.port}
      connection-type: network_cli
      shell-type: fish
      python-path: /usr/bin/python3
      max-parallel-jobs: 2
    - {name: 127.0.0.2, labels: [one]}`);
    const common = {
      pool: 'main',
      hostKeyChecking: true,
      hostKeys: [],
      attributes: { rack: 7 },
    };
    const first = {
      ...common,
      name: '127.0.0.1',
      labels: ['one', 'two'],
      username: 'builder',
      connectionPort: server.port,
      connectionType: 'network_cli',
      shellType: 'fish',
      pythonPath: '/usr/bin/python3',
    };
    assert.deepEqual(inventory.slots, [
      { ...first, slot: 0 },
      { ...first, slot: 1 },
      {
        ...common,
        name: '127.0.0.2',
        slot: 0,
        labels: ['one'],
        username: 'zuul',
        connectionPort: 22,
        connectionType: 'ssh',
        shellType: null,
        pythonPath: 'auto',
      },
    ]);
  });

  it('are one host where name, user and port are the same, and the log says so', async () => {
    const warnings: string[] = [];
    const { inventory } = await connectStatic(
      `
    - {name: 127.0.0.1, labels: [one]}
    - {name: 127.0.0.1, labels: [two]}
    - {name: 127.0.0.1, labels: [one], username: other}`,
      { ...silentLogger, warn: (message) => warnings.push(message) },
    );
    assert.deepEqual(
      inventory.slots.map((slot) => [slot.username, slot.labels[0]]),
      [
        ['zuul', 'one'],
        ['other', 'one'],
      ],
    );
    assert.equal(warnings.length, 1);
  });

  it('show all their keys where any key is fine', async () => {
    const { check } = await connectStatic(
      `[{name: 127.0.0.1, labels: [one], connection-port: ${server.port}}]`,
    );
    assert.deepEqual(await check(0), {
      ok: true,
      hostKeys: server.hostKeys,
      publicIpv4: '127.0.0.1',
      publicIpv6: null,
    });
  });

  it('are asked once for all slots that are checked at the same time', async () => {
    const subject = await connectStatic(
      `[{name: 127.0.0.1, labels: [one], connection-port: ${server.port}, max-parallel-jobs: 20}]`,
    );
    const before = server.connections;
    await subject.check(0);
    const forOne = server.connections - before;
    const checks = await Promise.all(
      subject.inventory.slots.map((_, index) => subject.check(index)),
    );
    assert.ok(checks.every((check) => check.ok));
    assert.equal(server.connections - before, 2 * forOne);
  });

  it('must show the configured keys, and may show more', async () => {
    const { check } = await connectStatic(`
    - {name: 127.0.0.1, labels: [one], connection-port: ${server.port}, host-key: ${server.hostKeys[1] ?? ''}}
    - {name: 127.0.0.2, labels: [one], connection-port: ${server.port}, host-key: ['${server.hostKeys[0] ?? ''}', '${OTHER_KEY}']}`);
    const known = await check(0);
    assert.ok(known.ok);
    assert.deepEqual(known.hostKeys, server.hostKeys);
    const unknown = await check(1);
    assert.ok(!unknown.ok);
    assert.match(unknown.reason, /host key mismatch/);
  });

  it('are taken unseen, with the configured keys, where checking is off', async () => {
    const { check, isAlive } = await connectStatic(
      `[{name: 127.0.0.1, labels: [one], connection-port: ${closedPort}, host-key-checking: false, host-key: '${OTHER_KEY}'}]`,
    );
    assert.deepEqual(await check(0), {
      ok: true,
      hostKeys: [OTHER_KEY],
      publicIpv4: '127.0.0.1',
      publicIpv6: null,
    });
    assert.equal(await isAlive(0), true);
  });

  it('need only an open port where the connection is not SSH', async () => {
    const host = await startFaultyHost('silent');
    try {
      const { check } = await connectStatic(`
    - {name: 127.0.0.1, labels: [one], connection-port: ${host.port}, connection-type: winrm, host-key: '${OTHER_KEY}'}
    - {name: 127.0.0.1, labels: [one], connection-port: ${closedPort}, connection-type: winrm, timeout: 1}`);
      const open = await check(0);
      assert.ok(open.ok);
      assert.deepEqual(open.hostKeys, []);
      assert.equal((await check(1)).ok, false);
    } finally {
      await host.stop();
    }
  });

  it('are found by their name', async () => {
    const { check } = await connectStatic(
      `[{name: localhost, labels: [one], connection-port: ${server.port}}]`,
    );
    const found = await check(0);
    assert.ok(found.ok);
    assert.equal(found.publicIpv4 ?? found.publicIpv6, found.publicIpv4 ? '127.0.0.1' : '::1');
  });

  it('are not well where their name has no address, even without checking', async () => {
    const { check } = await connectStatic(
      '[{name: no-such-host.invalid, labels: [one], host-key-checking: false}]',
    );
    assert.equal((await check(0)).ok, false);
  });

  it('are not looked up where the name says that they are no real hosts', async () => {
    const { check } = await connectStatic('[{name: fake-host, labels: [one]}]');
    assert.deepEqual(await check(0), {
      ok: true,
      hostKeys: ['ssh-rsa FAKEKEY'],
      publicIpv4: null,
      publicIpv6: null,
    });
  });

  it('are alive while their port is open, whatever it says', async () => {
    const host = await startFaultyHost('closing');
    const { check, isAlive } = await connectStatic(
      `[{name: 127.0.0.1, labels: [one], connection-port: ${host.port}, timeout: 1}]`,
    );
    assert.equal(await isAlive(0), true);
    assert.equal((await check(0)).ok, false);
    await host.stop();
    assert.equal(await isAlive(0), false);
  });
});
