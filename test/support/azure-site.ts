/**
 * An Azure in memory over HTTPS, a service principal's file that leads to it, and launchers with a
 * provider of it.
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { AzureCloud } from '../../fixtures/azure-cloud/cloud.ts';
import {
  GROUP,
  LOCATION,
  SUBSCRIPTION,
  type AzureCloudOptions,
} from '../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../fixtures/azure-cloud/login.ts';
import type { AzureCloudServer } from '../../fixtures/azure-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { createAzureDriver } from '../../shared/drivers/azure/driver.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import {
  CloudSite,
  cloudProvider,
  writeWhole,
  type CloudProviderOptions,
  type Fields,
} from './cloud-site.ts';

export const PROVIDER = 'azure-one';
/** A call that hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.5;

/** An image that the marketplace has. */
export const IMAGE = {
  name: 'image',
  username: 'zuul',
  key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody',
  'image-reference': {
    publisher: 'Canonical',
    offer: 'ubuntu-24_04-lts',
    sku: 'server',
    version: 'latest',
  },
};

export class AzureSite extends CloudSite<AzureCloud> {
  /** The one that ships, but that it trusts the cloud's certificate and gives up calls soon. */
  readonly driver: Driver;
  /** Path of a PEM file with the authority that vouches for the cloud, for NODE_EXTRA_CA_CERTS. */
  readonly authority: string;
  /** Of all its services. */
  readonly origin: string;
  readonly authPath: string;

  private constructor(cloud: AzureCloud, server: AzureCloudServer, folder: string, ca: string) {
    const httpClient = trusting(ca);
    const azure = createAzureDriver({ httpClient, timeoutSeconds: CALL_TIMEOUT });
    super({ cloud, server, folder, drivers: { azure } });
    this.driver = azure;
    this.authority = server.authority;
    this.origin = server.origin;
    this.authPath = join(folder, 'auth.json');
  }

  static async open(options: Partial<AzureCloudOptions> = {}): Promise<AzureSite> {
    // A call that loads them first would be given up.
    await Promise.all([
      import('@azure/identity'),
      import('@azure/arm-compute'),
      import('@azure/arm-network'),
    ]);
    const cloud = new AzureCloud({
      ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05, operationSeconds: 0.05 },
      ...options,
    });
    const server = await cloud.serve();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-azure-'));
    const ca = await readFile(server.authority, 'utf8');
    const site = new AzureSite(cloud, server, folder, ca);
    await site.writeAuth();
    return site;
  }

  /** The file that works, with other fields over it. */
  writeAuth(fields: Fields = {}): Promise<void> {
    const auth = {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      tenantId: TENANT,
      subscriptionId: SUBSCRIPTION,
      activeDirectoryEndpointUrl: this.origin,
      resourceManagerEndpointUrl: `${this.origin}/`,
      ...fields,
    };
    return writeWhole(this.authPath, JSON.stringify(auth));
  }

  /** A provider with one pool; its machines have public IPv4 addresses. */
  provider(options: CloudProviderOptions = {}): Fields {
    return cloudProvider(
      {
        name: PROVIDER,
        provider: {
          driver: 'azure',
          location: LOCATION,
          'resource-group': GROUP,
          'resource-group-location': LOCATION,
          'auth-path': this.authPath,
          network: 'network',
          rate: 10_000,
          'cloud-images': [IMAGE],
        },
        label: () => ({ 'hardware-profile': { 'vm-size': 'Standard_B1s' } }),
      },
      options,
    );
  }

  protected costs(): Readonly<Record<string, number>> {
    const { machines, interfaces, publicIps, disks } = this.cloud.counts;
    return { machines, interfaces, publicIps, disks };
  }
}

/** Node's own HTTP client, which takes the authority's word as well. */
function trusting(ca: string): HttpClient {
  const client = createDefaultHttpClient();
  // Always the same, as connections are kept by it.
  const tlsSettings = { ca };
  return { sendRequest: (request) => client.sendRequest(Object.assign(request, { tlsSettings })) };
}
