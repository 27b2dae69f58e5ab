/**
 * For each of our drivers something that a provider of it can connect to from a process of its own, with
 * nothing of the driver replaced: clouds in memory, a port that is open, or nothing at all.
 */
import { createServer } from 'node:net';
import { portOf } from '../../fixtures/processes/ports.ts';
import type { CloudProviderOptions, Fields } from './cloud-site.ts';
import { fakeProvider } from './launcher-scene.ts';
import { metastaticProvider } from './metastatic-scene.ts';

export interface DriverGround {
  /** The provider's section of nodepool.yaml. */
  readonly section: Fields;
  /** Beside that of this process, which some clouds change. */
  readonly environment: Readonly<Record<string, string>>;
  /** The driver's part of `extensions: drivers:`. */
  readonly extension?: Fields;
  close(): Promise<void>;
}

interface Site {
  readonly environment: Readonly<Record<string, string>>;
  provider(options?: CloudProviderOptions): Fields;
  close(): Promise<void>;
}

type Further = Partial<Pick<DriverGround, 'environment' | 'extension'>>;

function groundOf(site: Site, { environment = {}, extension }: Further = {}): DriverGround {
  return {
    section: site.provider(),
    environment: { ...site.environment, ...environment },
    ...(extension && { extension }),
    close: () => site.close(),
  };
}

const nothing = (section: Fields): DriverGround => ({
  ...{ section, environment: {} },
  close: () => Promise.resolve(),
});

async function staticGround(): Promise<DriverGround> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = { name: '127.0.0.1', labels: 'small', 'connection-port': portOf(server) };
  const node = { ...host, 'host-key-checking': false, username: 'zuul' };
  return {
    ...nothing({ name: 'hosts', driver: 'static', pools: [{ name: 'main', nodes: [node] }] }),
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

async function kubeGround(driver: 'kubernetes' | 'openshift' | 'openshiftpods') {
  const { KubeSite } = await import('./kube-site.ts');
  return groundOf(await KubeSite.open(driver));
}

/** By the driver's name. Sites bring their cloud's libraries with them, so each is loaded when wanted. */
export const driverGrounds: Readonly<Record<string, () => Promise<DriverGround>>> = {
  static: staticGround,
  fake: () => Promise.resolve(nothing(fakeProvider())),
  metastatic: () => Promise.resolve(nothing(metastaticProvider())),
  openstack: async () => {
    const { OpenStackSite } = await import('./openstack-site.ts');
    return groundOf(await OpenStackSite.open());
  },
  aws: async () => {
    const { AwsSite } = await import('./aws-site.ts');
    return groundOf(await AwsSite.open());
  },
  azure: async () => {
    const { AzureSite } = await import('./azure-site.ts');
    const site = await AzureSite.open();
    return groundOf(site, { environment: { NODE_EXTRA_CA_CERTS: site.authority } });
  },
  kubernetes: () => kubeGround('kubernetes'),
  openshift: () => kubeGround('openshift'),
  openshiftpods: () => kubeGround('openshiftpods'),
  gce: async () => {
    const { GceSite } = await import('./gce-site.ts');
    const site = await GceSite.open();
    await site.writeKey({ token_uri: `${site.origin}/token` });
    return groundOf(site, { extension: { endpoint: site.origin } });
  },
  ibmvpc: async () => {
    const { endpointsAt, IbmSite } = await import('./ibm-site.ts');
    const site = await IbmSite.open();
    return groundOf(site, { extension: { endpoints: endpointsAt(site.origin) } });
  },
};
