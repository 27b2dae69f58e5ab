/**
 * An installation in which everything happens that there are metrics of: a launcher and a builder as
 * processes, a fake cloud that fails now and then and leaks, an OpenStack over HTTP, a host with ssh,
 * a provider that cannot start, a tenant with limits, and requestors that ask for more than there is.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBuilder } from '../../../fixtures/builder/start.ts';
import { startFakeCloudServer, type FakeCloudServer } from '../../../fixtures/fake-cloud/server.ts';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { Requestor } from '../../../fixtures/zuul/requestor.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { sleep } from '../../../shared/base/wait.ts';
import { FLAVORS } from '../../../shared/drivers/fake/catalog.ts';
import { NO_FAULTS } from '../../../shared/drivers/fake/faults.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { OpenStackSite, openStackProvider } from '../../support/openstack-site.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';

/** Instead of diskimage-builder: every third image fails. */
const DIB = `#!/bin/bash
while [ $# -gt 0 ]; do case $1 in -o) out=$2; shift ;; esac; shift; done
case $out in *broken*) echo 'no such element'; exit 1 ;; esac
sleep 2
head -c 3000000 /dev/urandom > "$out.qcow2"
`;

export interface NodepoolSite {
  /** `host:port` of the processes' web servers. */
  readonly targets: { readonly launcher: string; readonly builder: string };
  readonly launcher: RunningDaemon;
  readonly builder: RunningDaemon;
  close(): Promise<void>;
}

interface Ground {
  readonly folder: string;
  readonly chroot: string;
  readonly ports: readonly number[];
  readonly cloud: FakeCloudServer;
  readonly ssh: RunningSshServer;
}

export async function openNodepoolSite(): Promise<NodepoolSite> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-metrics-'));
  removeWithUs(folder);
  const chroot = uniqueChroot('metrics');
  const client = await connect(chroot);
  const [cloud, ssh, openstack, ports] = await Promise.all([
    startFakeCloudServer({ seed: 7 }),
    startSshServer(),
    OpenStackSite.open(),
    freePorts(2),
  ]);
  const [launcherPort = 0, builderPort = 0] = ports;
  const configPath = join(folder, 'nodepool.yaml');
  await mkdir(join(folder, 'images'));
  await writeFile(join(folder, 'dib.sh'), DIB);
  await writeFile(
    configPath,
    JSON.stringify(await configOf({ folder, chroot, ports, cloud, ssh })),
  );
  const { environment } = openstack;
  const common = { workDir: folder, configPath, environment };
  const launcher = await startLauncher(common);
  const builder = await startBuilder(common);
  const stopping = new AbortController();
  const load = loadWith(client, cloud, stopping.signal);
  return {
    targets: { launcher: `127.0.0.1:${launcherPort}`, builder: `127.0.0.1:${builderPort}` },
    ...{ launcher, builder },
    close: async () => {
      stopping.abort();
      await load;
      await Promise.all([launcher.stop(), builder.stop()]);
      await Promise.all([client.close(), cloud.close(), ssh.stop(), openstack.close()]);
      await removeNow(folder);
    },
  };
}

async function configOf({ folder, chroot, ports, cloud, ssh }: Ground): Promise<object> {
  const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
  const [launcherPort, builderPort] = ports;
  const image = (name: string): object => ({
    ...{ name, elements: ['vm'], formats: ['qcow2'], 'dib-cmd': `bash ${folder}/dib.sh` },
  });
  return {
    'zookeeper-servers': [{ host, port: Number(port), chroot }],
    webapp: { listen_address: '127.0.0.1', port: launcherPort },
    'images-dir': join(folder, 'images'),
    'build-log-dir': join(folder, 'logs'),
    labels: ['small', 'large', 'stack', 'metal'].map((name) => ({
      ...{ name, 'min-ready': name === 'small' ? 1 : 0 },
    })),
    'tenant-resource-limits': [
      { 'tenant-name': 'quickstart', 'max-servers': 40, 'max-cores': 400 },
    ],
    diskimages: [image('debian'), image('broken')],
    providers: [
      fakeCloud(),
      openStackProvider({ name: 'stack', labels: { stack: {} }, pool: { 'max-servers': 2 } }),
      { ...openStackProvider({ name: 'absent', labels: { large: {} } }), cloud: 'unknown' },
      {
        ...{ name: 'rack', driver: 'static' },
        pools: [
          {
            name: 'main',
            nodes: [
              {
                ...{ name: '127.0.0.1', labels: ['metal'], username: 'zuul' },
                ...{ 'connection-port': ssh.port, 'host-key': ssh.hostKeys },
              },
            ],
          },
        ],
      },
    ],
    extensions: {
      intervals: { delete: 0.5, cleanup: 1, 'cloud-poll': 0.1, 'image-check': 1 },
      builder: { runner: 'process', web: { port: builderPort } },
      drivers: { fake: { server: cloud.url } },
    },
  };
}

function fakeCloud(): object {
  const labels = ['small', 'large'].map((name) => ({
    ...{ name, 'cloud-image': 'image', 'min-ram': 8192 },
  }));
  return {
    ...{ name: 'cloud', driver: 'fake', cloud: 'fake', 'region-name': 'somewhere', rate: 0.0001 },
    'cloud-images': [{ name: 'image', 'image-name': 'Fake Precise' }],
    diskimages: [{ name: 'debian' }, { name: 'broken' }],
    pools: [{ name: 'main', 'max-servers': 4, 'availability-zones': ['az1', 'az2'], labels }],
  };
}

/** More than there is room for, all the time; and machines that nobody knows. */
async function loadWith(
  client: ZooKeeperClient,
  cloud: FakeCloudServer,
  signal: AbortSignal,
): Promise<void> {
  const requestor = new Requestor(client, systemClock);
  await requestor.start();
  cloud.cloud('cloud').setLimits({ cores: 100, instances: 10, ram: 1_000_000 });
  cloud.cloud('cloud').setFaults({
    ...NO_FAULTS,
    createDelaySeconds: [0.2, 1],
    create: [{ every: 5, mode: 'before', error: 'transient' }],
    delete: [{ every: 2, mode: 'error' }],
  });
  const wishes = [
    ...Array.from({ length: 6 }, () => ['small', 'large']),
    ...Array.from({ length: 4 }, () => ['stack']),
    ...[['metal'], ['metal'], ['nowhere']],
  ];
  const until = async (work: () => Promise<unknown>, pauseMs: number): Promise<void> => {
    while (!signal.aborted) {
      await work().catch(() => undefined);
      await sleep(systemClock, pauseMs, signal).catch(() => undefined);
    }
  };
  await Promise.all([
    ...wishes.map((labels) =>
      until(async () => {
        const grant = await requestor.ask(labels, { signal });
        await sleep(systemClock, 500, signal).catch(() => undefined);
        await grant.giveBack();
      }, 200),
    ),
    until(() => {
      leak(cloud);
      return Promise.resolve();
    }, 2000),
  ]);
  await requestor.stop();
}

function leak(cloud: FakeCloudServer): void {
  const [flavor] = FLAVORS;
  if (!flavor) return;
  cloud.cloud('cloud').plant(flavor, {
    ...{ nodepool_node_id: '9999999999', nodepool_pool_name: 'main' },
    nodepool_provider_name: 'cloud',
  });
}
