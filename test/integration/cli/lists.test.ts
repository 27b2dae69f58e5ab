import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { startZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import type { RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { newNode } from '../../../schemas/records/node.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import {
  nodeLockPath,
  nodePath,
  NODES,
  requestPath,
  REQUESTS,
} from '../../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { findPeers } from '../../support/peers.ts';

const main = join(import.meta.dirname, '../../../shared/cli/main.ts');
interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(program: string, args: readonly string[]): Promise<Output> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 60_000 });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe('nodepool list and request-list', () => {
  let zookeeper: RunningZooKeeper;
  let client: ZooKeeperClient;
  let folder: string;
  let config: string;

  const ours = (...args: string[]) =>
    run(process.execPath, ['--import=tsx', main, '-c', config, ...args]);

  before(async () => {
    zookeeper = await startZooKeeper({ mode: 'tls' });
    client = new ZooKeeperClient({ connectString: zookeeper.tlsHosts, tls: zookeeper.tls });
    await client.start(new AbortController().signal);
    folder = await mkdtemp(join(tmpdir(), 'nodepool-cli-'));
    config = join(folder, 'nodepool.yaml');
    const [host, port] = zookeeper.tlsHosts.split(':');
    const { cert, key, ca } = zookeeper.tls;
    await writeFile(
      config,
      `zookeeper-servers: [{host: ${host}, port: ${port}}]\nzookeeper-tls: {cert: ${cert}, key: ${key}, ca: ${ca}}\n`,
    );
  });
  after(async () => {
    await client.close();
    await zookeeper.stop();
    await rm(folder, { recursive: true });
  });

  it('show headers where there is nothing', async () => {
    const { code, out, err } = await ours('request-list');
    assert.deepEqual([code, err], [0, '']);
    assert.equal(out.split('\n').length, 4 + 1);
    assert.match(out, /^\+-+\+.*\n\| Request ID \| Priority \| State /);
  });

  describe('with records', () => {
    before(async () => {
      const record = (value: object) => Buffer.from(JSON.stringify(value));
      await client.ensurePath(NODES);
      await client.ensurePath(REQUESTS);
      // So old that no second passes between the two programs unseen: ages show whole days only.
      const old = Math.floor(Date.now() / 1000) - 3 * 86_400;
      const node: Partial<NodeRecord> = {
        provider: 'cloud-one',
        pool: 'main',
        type: ['small', 'big'],
        state: 'ready',
      };
      await client.create(
        nodePath('0000000000'),
        record(newNode({ ...node, external_id: 'abc', public_ipv4: '192.0.2.1' }, old)),
      );
      await client.create(
        nodePath('0000000001'),
        record(
          newNode(
            {
              ...node,
              state: 'in-use',
              external_id: { instance: 'i-1', host: null },
              connection_port: { token: 'hidden' },
              comment: 'ein Vermerk: größer',
              user_data: { k: ["it's", 1.5, true, null] },
              driver_data: null,
              allocated_to: '100-0000000001',
            },
            old,
          ),
        ),
      );
      await client.ensurePath(`${nodeLockPath('0000000001')}/x__lock__0000000000`);
      // As they were written years ago.
      for (const [id, port] of [
        ['0000000002', { ssh_port: 2222 }],
        ['0000000003', {}],
      ] as const)
        await client.create(
          nodePath(id),
          record({
            state: 'ready',
            state_time: old,
            provider: 'cloud-one',
            type: 'small',
            ...port,
          }),
        );
      const requests: Record<string, Parameters<typeof newRequest>[0]> = {
        '100-0000000002': { node_types: ['small'], relative_priority: 3, event_id: 'e1' },
        '100-0000000001': {
          node_types: ['small', 'big'],
          requestor: 'zuul',
          nodes: ['0000000001'],
          declined_by: ['a', 'b'],
        },
      };
      for (const [id, fields] of Object.entries(requests))
        await client.create(requestPath(id), record(newRequest(fields, old)));
    });

    it('print what stands in ZooKeeper', async () => {
      const { code, out } = await ours('list');
      assert.equal(code, 0);
      assert.match(
        out,
        /\| 0000000000 \| cloud-one \| small,big \| abc +\| 192\.0\.2\.1 +\| +\| ready +\| 03:00:00:0\d \| unlocked \|/,
      );
      assert.match(out, /\| 0000000001 \| .* \| in-use \| .* \| locked +\|/);
    });

    it('hide what may be credentials', async () => {
      const { out } = await ours('list', '--detail');
      assert.match(out, /\| redacted \|/);
      assert.ok(!out.includes('hidden'));
    });

    it('print what the original prints', async function () {
      const peers = await findPeers();
      if (peers === undefined) {
        console.log('      skipped: no Python Nodepool here');
        this.skip();
      }
      const original = join(dirname(peers.nodepoolPython), 'nodepool');
      /** The seconds of ages differ by the time between the two calls. */
      const still = (text: string) => text.replaceAll(/\d\d:\d\d:\d\d:\d\d/g, 'DD:HH:MM:SS');
      for (const args of [['list'], ['list', '--detail'], ['request-list']]) {
        const theirs = await run(original, ['-c', config, ...args]);
        assert.equal(theirs.code, 0, theirs.err);
        assert.equal(still((await ours(...args)).out), still(theirs.out));
      }
    });

    it('leave out a znode that holds no record, and say so', async () => {
      await client.create(nodePath('0000000009'), Buffer.from('{'));
      const { code, out, err } = await ours('list');
      assert.equal(code, 0);
      assert.equal(out.split('\n').length, 4 + 4 + 1);
      assert.match(err, /\/nodepool\/nodes\/0000000009 holds no record/);
    });
  });
});
