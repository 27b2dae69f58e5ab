import assert from 'node:assert/strict';

import fc from 'fast-check';

import { freePorts } from '../../../fixtures/processes/ports.ts';
import { BEHAVIOURS, startFaultyHost } from '../../../fixtures/ssh/faulty-host.ts';
import { startSshServer } from '../../../fixtures/ssh/server.ts';
import { startSshd } from '../../../fixtures/ssh/sshd.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { connectTcp } from '../../../shared/cloud/connect.ts';
import { readHostKey } from '../../../shared/cloud/host-key.ts';
import { KeyScanner, type ScanTarget } from '../../../shared/cloud/key-scan.ts';
import { recordServer } from '../../support/recorded-server.ts';

const never = (): AbortSignal => new AbortController().signal;
const newScanner = (maxConcurrent = 100): KeyScanner =>
  new KeyScanner({ clock: systemClock, log: silentLogger, maxConcurrent });

function target(port: number, overrides: Partial<ScanTarget> = {}): ScanTarget {
  return {
    host: '127.0.0.1',
    port,
    connectionType: 'ssh',
    bootTimeoutSeconds: 30,
    signal: never(),
    ...overrides,
  };
}

const isScanFailure = (error: unknown): boolean => hasCode(error, 'NP_KEYSCAN_FAILED');

describe('the key scan', () => {
  it('reads all keys of an OpenSSH server in order, the RSA key twice', async () => {
    const sshd = await startSshd({ hostKeyTypes: ['rsa', 'ed25519', 'ecdsa'] });
    try {
      const [rsa, ed25519, ecdsa] = sshd.hostKeys;
      assert.deepEqual(await newScanner().scan(target(sshd.port)), [ed25519, ecdsa, rsa, rsa]);
    } finally {
      await sshd.stop();
    }
  });

  describe('of a server that counts', () => {
    let server: Awaited<ReturnType<typeof startSshServer>>;
    before(async () => {
      server = await startSshServer({ address: '0.0.0.0' });
    });
    after(() => server.stop());

    it('never tries to authenticate', async () => {
      assert.deepEqual(await newScanner().scan(target(server.port)), server.hostKeys);
      assert.deepEqual(server.authentications, []);
    });

    it('treats network_cli like ssh', async () => {
      const keys = await newScanner().scan(target(server.port, { connectionType: 'network_cli' }));
      assert.deepEqual(keys, server.hostKeys);
    });

    it('serves many hosts through few connections', async () => {
      const scanner = newScanner(5);
      const scans = Array.from({ length: 40 }, (_, index) =>
        scanner.scan(target(server.port, { host: `127.0.1.${index + 1}` })),
      );
      for (const keys of await Promise.all(scans)) assert.deepEqual(keys, server.hostKeys);
    });
  });

  it('waits for a host that does not listen yet', async () => {
    const [port = 0] = await freePorts(1);
    const scanning = newScanner().scan(target(port));
    // Any answer means that the port was tried and found closed before the server starts.
    await assert.rejects(newScanner().scan(target(port, { bootTimeoutSeconds: 0.2 })));
    const server = await startSshServer({ port });
    try {
      assert.deepEqual(await scanning, server.hostKeys);
    } finally {
      await server.stop();
    }
  });

  it('needs only an open port where the connection is not SSH', async () => {
    const host = await startFaultyHost('silent');
    try {
      const keys = await newScanner().scan(target(host.port, { connectionType: 'winrm' }));
      assert.deepEqual(keys, []);
    } finally {
      await host.stop();
    }
  });

  it('gives the key of the fake driver for an address that contains fake, and asks nobody', async () => {
    assert.deepEqual(await newScanner().scan(target(1, { host: 'fake_v6' })), ['ssh-rsa FAKEKEY']);
    const other = target(1, { host: 'fake', connectionType: 'winrm' });
    assert.deepEqual(await newScanner().scan(other), []);
  });

  for (const [why, host] of [
    ['refuses', '127.0.0.1'],
    ['has no address', 'no-such-host.invalid'],
  ] as const)
    for (const connectionType of ['ssh', 'winrm'])
      it(`fails at the deadline for a host that ${why}, over ${connectionType}`, async () => {
        const [port = 0] = await freePorts(1);
        const unreachable = target(port, { host, connectionType, bootTimeoutSeconds: 0.3 });
        await assert.rejects(newScanner().scan(unreachable), isScanFailure);
      });

  for (const behaviour of BEHAVIOURS)
    it(`fails at the deadline for a host that is ${behaviour}`, async () => {
      const host = await startFaultyHost(behaviour);
      try {
        const scanning = newScanner().scan(target(host.port, { bootTimeoutSeconds: 0.4 }));
        await assert.rejects(scanning, isScanFailure);
        assert.ok(host.connections > 0);
      } finally {
        await host.stop();
      }
    });

  it('tries a host that closes again at once, and does not wait for it', async () => {
    const host = await startFaultyHost('closing');
    try {
      const controller = new AbortController();
      const scanning = newScanner().scan(
        target(host.port, { bootTimeoutSeconds: 5, signal: controller.signal }),
      );
      // The scan fails, and the test with it, if the third try does not come before the deadline.
      await Promise.race([host.untilConnection(3), scanning]);
      controller.abort();
      await assert.rejects(scanning, (error) => hasCode(error, 'NP_ABORTED'));
    } finally {
      await host.stop();
    }
  });

  it('says in its error which host failed and how', async () => {
    const host = await startFaultyHost('closing');
    try {
      const scanning = newScanner().scan(target(host.port, { bootTimeoutSeconds: 1 }));
      const message = new RegExp(`from 127.0.0.1 port ${host.port} in 1 s: .*(lost|closed)`);
      await assert.rejects(scanning, message);
    } finally {
      await host.stop();
    }
  });

  it('ends with the reason of an abort, also while it waits for a connection', async () => {
    const host = await startFaultyHost('silent');
    try {
      const scanner = newScanner(1);
      const controller = new AbortController();
      const reason = new Error('the request is gone');
      const { signal } = controller;
      const scans = [1, 2, 3].map(() => scanner.scan(target(host.port, { signal })));
      const ended = scans.map((scan) => assert.rejects(scan, { cause: reason }));
      controller.abort(reason);
      await Promise.all(ended);
    } finally {
      await host.stop();
    }
  });

  it('is not blocked for long by hosts that never answer', async () => {
    const silent = await startFaultyHost('silent');
    const server = await startSshServer();
    try {
      const scanner = newScanner(3);
      const stuck = [1, 2, 3].map(() =>
        assert.rejects(scanner.scan(target(silent.port, { bootTimeoutSeconds: 0.3 }))),
      );
      assert.deepEqual(await scanner.scan(target(server.port)), server.hostKeys);
      await Promise.all(stuck);
    } finally {
      await Promise.all([silent.stop(), server.stop()]);
    }
  });

  it('survives any damage to what a server sends', async () => {
    const server = await startSshServer();
    const readFrom = async (port: number): Promise<string | undefined> => {
      const options = { clock: systemClock, signal: never(), timeoutMs: 1000 };
      const socket = await connectTcp({ ...options, host: '127.0.0.1', port });
      return readHostKey(socket, { ...options, algorithm: 'ssh-ed25519' });
    };
    const sent = await recordServer(server.port, readFrom);
    await server.stop();
    assert.ok(sent.length > 500);
    const damage = fc.record({
      at: fc.nat({ max: sent.length - 1 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bytes, isCut }) => {
        const broken = Buffer.from(sent);
        broken.set(bytes.subarray(0, sent.length - at), at);
        const host = await startFaultyHost(isCut ? broken.subarray(0, at) : broken);
        try {
          await readFrom(host.port).then(
            (key) => {
              // Only "no such key" can be read from a server that cannot prove a key.
              assert.equal(key, undefined);
            },
            (error: unknown) => {
              assert.ok(error instanceof Error);
            },
          );
        } finally {
          await host.stop();
        }
      }),
      { numRuns: 300 },
    );
  });
});
