/** Python Nodepool's own key scan and ours, of the same servers. */
import assert from 'node:assert/strict';

import { run } from '../../fixtures/processes/run.ts';
import { startSshd, type HostKeyType } from '../../fixtures/ssh/sshd.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { silentLogger } from '../../shared/base/log.ts';
import { KeyScanner } from '../../shared/cloud/key-scan.ts';
import { peersOrSkip } from '../support/peers.ts';

const SCAN = `
import json, sys
from nodepool.nodeutils import nodescan
host, port, has_keys = sys.argv[1:]
print(json.dumps(nodescan(host, port=int(port), timeout=30, gather_hostkeys=has_keys == 'yes')))
`;

async function pythonScan(
  python: string,
  host: string,
  port: number,
  hasKeys: boolean,
): Promise<unknown> {
  const output = await run(python, [
    '-W',
    'ignore',
    '-c',
    SCAN,
    host,
    String(port),
    hasKeys ? 'yes' : 'no',
  ]);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

function ourScan(host: string, port: number, hasKeys: boolean): Promise<string[]> {
  return new KeyScanner({ clock: systemClock, log: silentLogger }).scan({
    host,
    port,
    connectionType: hasKeys ? 'ssh' : 'winrm',
    bootTimeoutSeconds: 30,
    signal: new AbortController().signal,
  });
}

describe('the key scan beside that of Python Nodepool', () => {
  let python: string;
  before(async function () {
    const peers = await peersOrSkip(this);
    python = peers.nodepoolPython;
  });

  const kinds: HostKeyType[][] = [
    ['ed25519', 'ecdsa', 'rsa'],
    ['rsa'],
    ['ecdsa'],
    ['rsa', 'ed25519'],
  ];
  for (const hostKeyTypes of kinds)
    it(`reads the same keys in the same order: ${hostKeyTypes.join(', ')}`, async () => {
      const sshd = await startSshd({ hostKeyTypes });
      try {
        const theirs = await pythonScan(python, '127.0.0.1', sshd.port, true);
        const ours = await ourScan('127.0.0.1', sshd.port, true);
        assert.deepEqual(ours, theirs);
        assert.ok(ours.length >= hostKeyTypes.length);
      } finally {
        await sshd.stop();
      }
    });

  it('answers the same for a port alone and for hosts of the fake driver', async () => {
    const sshd = await startSshd({ hostKeyTypes: ['ed25519'] });
    try {
      for (const [host, hasKeys] of [
        ['127.0.0.1', false],
        ['fake', true],
        ['fake_v6', false],
      ] as const)
        assert.deepEqual(
          await ourScan(host, sshd.port, hasKeys),
          await pythonScan(python, host, sshd.port, hasKeys),
        );
    } finally {
      await sshd.stop();
    }
  });
});
