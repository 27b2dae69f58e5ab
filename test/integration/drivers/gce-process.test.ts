/**
 * The `gce` driver in a launcher that runs as it is shipped: found by the registry, with Google's
 * libraries loaded when they are needed, Node's own HTTP, and nothing replaced but the address.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { GceSite } from '../../support/gce-site.ts';
import { config } from '../../support/launcher-scene.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

describe('the gce driver in a launcher as a process', () => {
  it('serves a request, takes the instance away, and tells nobody the key', async () => {
    const site = await GceSite.open();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-gce-'));
    removeWithUs(folder);
    const chroot = uniqueChroot('gce');
    const client = await connect(chroot);
    const zuul = new ZuulSide(client);
    const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
    const path = join(folder, 'nodepool.yaml');
    const intervals = { 'cloud-poll': 0.1, delete: 0.2, cleanup: 1 };
    const sections = config({
      providers: [site.provider()],
      extra: { extensions: { intervals, ...site.extension } },
    });
    const servers = [{ host, port: Number(port), chroot }];
    await writeFile(
      path,
      JSON.stringify({ 'zookeeper-servers': servers, ...(sections as object) }),
    );
    await site.writeKey({ token_uri: `${site.origin}/token` });
    const daemon = await startLauncher({
      ...{ workDir: folder, configPath: path, args: ['--no-webapp'], isDebug: true },
      environment: site.environment,
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
      assert.ok(!log.includes('PRIVATE KEY'), 'the key is in the log');
      assert.ok(!/Bearer|ya29/.test(log), 'a token is in the log');
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
