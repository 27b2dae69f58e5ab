/**
 * The drivers of clusters in a launcher that runs as it is shipped: found by the registry, with the library
 * loaded when it is needed, Node's own HTTPS, and nothing replaced.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { CONTEXT, KubeSite, POD } from '../../support/kube-site.ts';
import { config } from '../../support/launcher-scene.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

const provider = (driver: string, pool: string, labels: readonly object[]) => ({
  ...{ name: driver, driver, context: CONTEXT },
  pools: [{ name: pool, 'max-servers': 5, labels }],
});

const PROVIDERS = [
  provider('kubernetes', 'kube', [
    { name: 'space', type: 'namespace' },
    { name: 'pod', ...POD },
  ]),
  provider('openshift', 'proj', [
    { name: 'project', type: 'project' },
    { name: 'project-pod', ...POD },
  ]),
  provider('openshiftpods', 'ci', [{ name: 'only-pod', ...POD, type: undefined }]),
];

const LABELS = ['space', 'pod', 'project', 'project-pod', 'only-pod'];

describe('the drivers of clusters in a launcher as a process', () => {
  it('serve requests, take it all away, and tell nobody a token', async () => {
    const site = await KubeSite.open('openshift');
    site.cloud.plant.namespace({ name: 'ci' });
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-kube-'));
    removeWithUs(folder);
    const chroot = uniqueChroot('kube');
    const client = await connect(chroot);
    const zuul = new ZuulSide(client);
    const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
    const path = join(folder, 'nodepool.yaml');
    const sections = config({
      providers: PROVIDERS,
      extra: { extensions: { intervals: { 'cloud-poll': 0.1, delete: 0.2, cleanup: 1 } } },
    });
    const servers = [{ host, port: Number(port), chroot }];
    await writeFile(
      path,
      JSON.stringify({ 'zookeeper-servers': servers, ...(sections as object) }),
    );
    const daemon = await startLauncher({
      ...{ workDir: folder, configPath: path, args: ['--no-webapp'], isDebug: true },
      environment: { KUBECONFIG: site.kubeconfig },
    });
    try {
      const tokens: string[] = [site.cloud.access.token];
      for (const label of LABELS) {
        const { id, nodes } = await zuul.ask([label]);
        const { connection_port: connection } = (await zuul.node(nodes[0] ?? '')) ?? {};
        tokens.push((connection as { readonly token: string }).token);
        await (await zuul.use(id, nodes)).giveBack();
        await zuul.untilGone(nodes);
      }
      assert.deepEqual(
        site.cloud.namespaces().map(({ metadata }) => metadata.name),
        ['ci'],
      );
      assert.deepEqual(site.cloud.warnings, [], 'fields that the cluster does not know');
      assert.equal(await daemon.stop(), 0);
      const log = await readFile(daemon.logPath, 'utf8');
      assert.equal(tokens.length, LABELS.length + 1);
      for (const token of tokens) assert.ok(token && !log.includes(token), 'a token is in the log');
      assert.ok(!log.includes('Bearer'), 'a header with a token is in the log');
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
