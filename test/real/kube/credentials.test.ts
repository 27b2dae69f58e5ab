/** Every way to sign in, with a launcher as it is shipped, and files that are wrong at first. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { podLabel } from './kinds.ts';
import { LABEL, play, type Scene } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

/** Where a pod finds its credentials; no setting leads elsewhere. */
const POD_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('credentials for a real Kubernetes', function () {
  this.timeout(300_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  const direct = { provider: { context: 'kube-direct' } };

  async function liveOne(scene: Scene): Promise<void> {
    const lent = await scene.lend();
    await scene.giveBack(lent);
    await scene.untilEmpty();
  }

  it('are a client certificate', () =>
    play(services, 'kubernetes', async (scene) => {
      await scene.configure({ provider: { context: 'kube-cert' } });
      await scene.start('ours', { KUBECONFIG: services.kubeconfig });
      const lent = await scene.lend();
      const port = lent.node.connection_port as { host: string; token: string };
      assert.equal(port.host, services.url);
      // The node's own, not the launcher's.
      assert.match(port.token, /^ey/);
      await scene.giveBack(lent);
      await scene.untilEmpty();
    }));

  it('are a file with a token, which is read again when it is void', () =>
    play(services, 'kubernetes', async (scene) => {
      const path = join(scene.ground.folder, 'token');
      await writeFile(path, scene.ground.token);
      await scene.ground.writeKubeconfig({ tokenFile: path });
      await scene.configure(direct);
      await scene.start();
      await liveOne(scene);
      await scene.ground.account.revokeTokens();
      await writeFile(path, await scene.ground.account.token());
      await liveOne(scene);
    }));

  it('are of a program that is asked again when its token is void', () =>
    play(services, 'kubernetes', async (scene) => {
      const { folder, account } = scene.ground;
      const path = join(folder, 'token');
      const counter = join(folder, 'asked');
      await writeFile(path, scene.ground.token);
      const program = join(folder, 'plugin.sh');
      await writeFile(program, plugin(path, counter), { mode: 0o755 });
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: program };
      await scene.ground.writeKubeconfig({ exec: { ...exec, interactiveMode: 'Never' } });
      await scene.configure(direct);
      await scene.start();
      await liveOne(scene);
      await account.revokeTokens();
      await writeFile(path, await account.token());
      await liveOne(scene);
      const asked = (await readFile(counter, 'utf8')).trim().split('\n').length;
      assert.ok(asked >= 2 && asked < 20, `asked ${asked} times`);
    }));

  it('are those of the pod that the launcher runs in', async function () {
    if (process.getuid?.() !== 0 || (await stat(POD_FOLDER).catch(() => undefined))) this.skip();
    await play(services, 'kubernetes', async (scene) => {
      const { hostname, port } = new URL(services.url);
      try {
        await mkdir(POD_FOLDER, { recursive: true });
        await writeFile(join(POD_FOLDER, 'token'), scene.ground.token);
        await writeFile(join(POD_FOLDER, 'ca.crt'), services.ca);
        // No context: it is the pod's own cluster.
        await scene.configure({ provider: { context: undefined } });
        await scene.start('ours', {
          KUBECONFIG: join(scene.ground.folder, 'none'),
          KUBERNETES_SERVICE_HOST: hostname,
          KUBERNETES_SERVICE_PORT: port,
        });
        await liveOne(scene);
      } finally {
        await rm(POD_FOLDER, { recursive: true, force: true });
      }
    });
  });

  it('are merged from several files', () =>
    play(services, 'kubernetes', async (scene) => {
      const { folder, kubeconfigPath } = scene.ground;
      interface Config {
        readonly clusters: unknown;
        readonly users: unknown;
        readonly contexts: unknown;
      }
      const { clusters, users, contexts } = parse(await readFile(kubeconfigPath, 'utf8')) as Config;
      const paths = await Promise.all(
        [{ clusters }, { users }, { contexts }].map(async (part, at) => {
          const path = join(folder, `part-${at}`);
          await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...part }));
          return path;
        }),
      );
      await scene.configure(direct);
      await scene.start('ours', { KUBECONFIG: paths.join(':') });
      await liveOne(scene);
    }));

  it('that are missing stop the provider alone, and it starts when they are there', () =>
    play(services, 'kubernetes', async (scene) => {
      const { kubeconfigPath } = scene.ground;
      await scene.configure({ provider: { context: 'nowhere' } });
      const starting = scene.start();
      starting.catch(() => undefined);
      await scene.untilLogged(/provider cannot start[^\n]*nowhere/);
      await scene.untilLogged(/kube-direct/);
      await copyFile(kubeconfigPath, `${kubeconfigPath}.kept`);
      await rm(kubeconfigPath);
      await scene.configure(direct);
      await scene.untilLogged(/no kubeconfig/);
      await copyFile(`${kubeconfigPath}.kept`, kubeconfigPath);
      await starting;
      await liveOne(scene);
    }));

  it('of an authority that is not known are refused, and the log says so', () =>
    play(services, 'kubernetes', async (scene) => {
      const text = await readFile(scene.ground.kubeconfigPath, 'utf8');
      const config = JSON.parse(text) as {
        clusters: { cluster: Record<string, unknown> }[];
      };
      for (const { cluster } of config.clusters) delete cluster['certificate-authority-data'];
      await writeFile(scene.ground.kubeconfigPath, JSON.stringify(config));
      await scene.configure(direct);
      const starting = scene.start();
      starting.catch(() => undefined);
      await scene.untilLogged(/provider cannot start[^\n]*certificate/i);
      for (const { cluster } of config.clusters) cluster['insecure-skip-tls-verify'] = true;
      await writeFile(scene.ground.kubeconfigPath, JSON.stringify(config));
      await starting;
      const lent = await scene.lend();
      const port = lent.node.connection_port as { skiptls: boolean; ca_crt?: string };
      assert.deepEqual([port.skiptls, port.ca_crt], [true, undefined]);
      await scene.giveBack(lent);
      await scene.untilEmpty();
    }));

  for (const kind of ['kubernetes', 'openshift', 'openshiftpods'] as const)
    it(`with the rights that Python Nodepool needs are enough for ${kind}`, () =>
      play(
        services,
        kind,
        async (scene) => {
          await scene.configure({
            labels: { [LABEL]: { ...podLabel(kind), annotations: { 'test/delay': '3s' } } },
          });
          await scene.start();
          const requests = await Promise.all(
            Array.from({ length: 5 }, () => scene.zuul.submit([LABEL])),
          );
          await Promise.all(
            requests.map(async (request) => scene.giveBack(await scene.lent(request))),
          );
          await scene.untilEmpty();
        },
        { rights: 'pythons' },
      ));
});

/** A credential plugin: it tells what stands in a file, and counts how often it was asked. */
function plugin(tokenPath: string, counterPath: string): string {
  return `#!/bin/sh
echo asked >> '${counterPath}'
printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s"}}' "$(cat '${tokenPath}')"
`;
}
