/**
 * An Azure in memory over HTTPS, a service principal's file that leads to it, and launchers with a
 * provider of it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
import { eventually } from './eventually.ts';
import { config, play, type Scene } from './launcher-scene.ts';

export const PROVIDER = 'azure-one';
/** A call that hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.5;

type Fields = Readonly<Record<string, unknown>>;

export interface AzureProviderOptions {
  readonly name?: string;
  /** Options by label. Default: `small`, with nothing special. */
  readonly labels?: Readonly<Record<string, Fields>>;
  readonly provider?: Fields;
  readonly pool?: Fields;
}

export interface PlayOptions {
  /** Default: one of `provider`. */
  readonly providers?: readonly Fields[];
  /** Seconds, beside short ones for all that a node's life waits for. */
  readonly intervals?: Readonly<Record<string, number>>;
}

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

export class AzureSite {
  readonly cloud: AzureCloud;
  /** The one that ships, but that it trusts the cloud's certificate and gives up calls soon. */
  readonly driver: Driver;
  readonly #server: AzureCloudServer;
  readonly #folder: string;

  private constructor(cloud: AzureCloud, server: AzureCloudServer, folder: string, ca: string) {
    this.cloud = cloud;
    this.#server = server;
    this.#folder = folder;
    const httpClient = trusting(ca);
    this.driver = createAzureDriver({ httpClient, timeoutSeconds: CALL_TIMEOUT });
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

  /** Path of a PEM file with the authority that vouches for the cloud, for NODE_EXTRA_CA_CERTS. */
  get authority(): string {
    return this.#server.authority;
  }

  /** Of all its services. */
  get origin(): string {
    return this.#server.origin;
  }

  get authPath(): string {
    return join(this.#folder, 'auth.json');
  }

  /** The file that works, with other fields over it; as an operator does, whole at once. */
  async writeAuth(fields: Fields = {}): Promise<void> {
    const { origin } = this.#server;
    const auth = {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      tenantId: TENANT,
      subscriptionId: SUBSCRIPTION,
      activeDirectoryEndpointUrl: origin,
      resourceManagerEndpointUrl: `${origin}/`,
      ...fields,
    };
    await writeFile(`${this.authPath}.new`, JSON.stringify(auth));
    await rename(`${this.authPath}.new`, this.authPath);
  }

  /** A provider with one pool; its machines have public IPv4 addresses. */
  provider(options: AzureProviderOptions = {}): Fields {
    const { name = PROVIDER, labels = { small: {} }, provider, pool } = options;
    const entries = Object.entries(labels).map(([label, fields]) => ({
      name: label,
      'cloud-image': 'image',
      'hardware-profile': { 'vm-size': 'Standard_B1s' },
      ...fields,
    }));
    return {
      name,
      driver: 'azure',
      location: LOCATION,
      'resource-group': GROUP,
      'resource-group-location': LOCATION,
      'auth-path': this.authPath,
      network: 'network',
      rate: 10_000,
      'launch-retries': 1,
      'cloud-images': [IMAGE],
      ...provider,
      pools: [
        { name: 'main', 'max-servers': 5, 'host-key-checking': false, ...pool, labels: entries },
      ],
    };
  }

  /** Runs a test's steps on a scene with a launcher before the cloud. */
  play(steps: (scene: Scene) => Promise<void>, options: PlayOptions = {}): Promise<void> {
    const { providers = [this.provider()], intervals = {} } = options;
    const short = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'image-check': 0.2 };
    return play(
      config({ providers, extra: { extensions: { intervals: { ...short, ...intervals } } } }),
      steps,
      { drivers: { azure: this.driver } },
    );
  }

  /** Until nothing that costs is left in the cloud. */
  untilEmpty(): Promise<void> {
    return eventually(() => {
      const { machines, interfaces, publicIps, disks } = this.cloud.counts;
      const left = { machines, interfaces, publicIps, disks };
      assert.deepEqual(left, { machines: 0, interfaces: 0, publicIps: 0, disks: 0 });
    });
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Node's own HTTP client, which takes the authority's word as well. */
function trusting(ca: string): HttpClient {
  const client = createDefaultHttpClient();
  // Always the same, as connections are kept by it.
  const tlsSettings = { ca };
  return { sendRequest: (request) => client.sendRequest(Object.assign(request, { tlsSettings })) };
}
