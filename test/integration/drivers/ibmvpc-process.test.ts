/**
 * The `ibmvpc` driver in a launcher that runs as it is shipped: found by the registry, with IBM's
 * library loaded when it is needed, Node's own HTTP, and nothing replaced.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { API_KEY } from '../../../fixtures/ibm-cloud/iam.ts';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { endpointsAt, IbmSite } from '../../support/ibm-site.ts';
import { config } from '../../support/launcher-scene.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

describe('the ibmvpc driver in a launcher as a process', () => {
  it('serves a request, takes the instance away, and tells nobody the API key', async () => {
    const site = await IbmSite.open();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-ibm-'));
    removeWithUs(folder);
    const chroot = uniqueChroot('ibmvpc');
    const client = await connect(chroot);
    const zuul = new ZuulSide(client);
    const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
    const path = join(folder, 'nodepool.yaml');
    const sections = config({
      providers: [site.provider()],
      extra: {
        extensions: {
          intervals: { 'cloud-poll': 0.1, delete: 0.2, cleanup: 1 },
          drivers: { ibmvpc: { endpoints: endpointsAt(site.origin) } },
        },
      },
    });
    const servers = [{ host, port: Number(port), chroot }];
    await writeFile(
      path,
      JSON.stringify({ 'zookeeper-servers': servers, ...(sections as object) }),
    );
    const daemon = await startLauncher({
      ...{ workDir: folder, configPath: path, args: ['--no-webapp'], isDebug: true },
    });
    try {
      const { id, nodes } = await zuul.ask(['small']);
      const [node = ''] = nodes;
      assert.match(String((await zuul.node(node))?.public_ipv4), /^127\.81\./);
      await (await zuul.use(id, nodes)).giveBack();
      await zuul.untilGone(nodes);
      await site.untilEmpty();
      assert.equal(await daemon.stop(), 0);
      const log = await readFile(daemon.logPath, 'utf8');
      assert.ok(!log.includes(API_KEY), 'the API key is in the log');
      assert.ok(!log.includes('Bearer'), 'a token is in the log');
    } catch (error) {
      if (error instanceof Error) error.stack = `${error.stack ?? ''}\n${await daemon.tail(40)}`;
      throw error;
    } finally {
      await daemon.stop(0);
      await client.close();
      await removeNow(folder);
      await site.close();
    }
  });
});
