/**
 * A driver from outside the tree (contrib/example-driver) in a launcher that runs as it is shipped: named
 * in nodepool.yaml, known to the commands.
 */
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ExampleCloud, TOKEN } from '../../../fixtures/example-cloud/cloud.ts';
import {
  serveExampleCloud,
  type ExampleCloudServer,
} from '../../../fixtures/example-cloud/server.ts';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { config } from '../../support/launcher-scene.ts';
import { projectRoot } from '../../support/peers.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

const provider = {
  ...{ name: 'park-one', driver: 'park', area: 'north', rate: 0 },
  pools: [
    {
      ...{ name: 'main', 'host-key-checking': false },
      labels: [{ name: 'small', kind: 'small', disk: 'image-1' }],
    },
  ],
};

describe('a driver from outside the tree', () => {
  const cloud = new ExampleCloud({
    ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05 },
  });
  const chroot = uniqueChroot('outside');
  const environment = { PARK_TOKEN: TOKEN };
  let server: ExampleCloudServer;
  let client: ZooKeeperClient;
  let folder: string;
  let path: string;
  before(async () => {
    server = await serveExampleCloud(cloud);
    client = await connect(chroot);
    folder = await mkdtemp(join(tmpdir(), 'nodepool-outside-'));
    removeWithUs(folder);
    path = join(folder, 'nodepool.yaml');
    await writeFile(path, await nodepoolYaml(chroot, server.endpoint));
  });
  after(async () => {
    await client.close();
    await server.close();
    await removeNow(folder);
  });

  it('is known to the commands', async () => {
    const command = ['dist/shared/cli/main.js', '-c', path, 'config-validate'];
    const output = await run(process.execPath, command, { cwd: projectRoot });
    assert.match(output, /nodepool\.yaml: valid\n$/);
  });

  it('serves a request and takes the machine away, though three creations go wrong', async () => {
    // Its errors are sorted as ours are: full, which is no attempt; no room; broken.
    for (const [status, code] of [
      [403, 'quota-exceeded'],
      [503, 'no-capacity'],
      [500, 'broken'],
    ] as const)
      cloud.arm({ call: 'POST machines', mode: 'fail', status, code });
    const daemon = await startLauncher({
      ...{ workDir: folder, configPath: path, args: ['--no-webapp'], environment },
    });
    try {
      const zuul = new ZuulSide(client);
      const { id, nodes } = await zuul.ask(['small']);
      const [node = ''] = nodes;
      const record = await zuul.node(node);
      assert.deepEqual([record?.cloud, record?.region], ['park', 'north']);
      assert.deepEqual([...cloud.machines.keys()], [record?.external_id]);
      await (await zuul.use(id, nodes)).giveBack();
      await zuul.untilGone(nodes);
      await eventually(() => {
        assert.equal(cloud.machines.size, 0);
      });
      assert.equal(cloud.armed, 0);
      assert.equal(await daemon.stop(), 0);
    } catch (error) {
      if (error instanceof Error) error.stack = `${error.stack ?? ''}\n${await daemon.tail(40)}`;
      throw error;
    } finally {
      await daemon.stop(0);
    }
  });
});

async function nodepoolYaml(chroot: string, endpoint: string): Promise<string> {
  const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
  const module = join(projectRoot, 'contrib/example-driver');
  const extensions = {
    intervals: { 'cloud-poll': 0.1, delete: 0.2, cleanup: 1 },
    drivers: { park: { module, endpoint } },
  };
  const sections = config({ providers: [provider], extra: { extensions } }) as object;
  const servers = [{ host, port: Number(port), chroot }];
  return JSON.stringify({ ...sections, 'zookeeper-servers': servers });
}
