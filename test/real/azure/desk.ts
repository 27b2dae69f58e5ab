/**
 * Our driver in the test's process, with Microsoft's clients, before the Resource Manager in memory,
 * whose disks are page blobs of Azurite behind a proxy that lets calls go wrong.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { AzureCloud } from '../../../fixtures/azure-cloud/cloud.ts';
import { GROUP, LOCATION, SUBSCRIPTION } from '../../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../../fixtures/azure-cloud/login.ts';
import { startHttpProxy, type HttpProxy } from '../../../fixtures/proxy/http-proxy.ts';
import type { ProviderImage } from '../../../schemas/config/model.ts';
import { systemClock, type Clock } from '../../../shared/base/clock.ts';
import { createAzureDriver } from '../../../shared/drivers/azure/driver.ts';
import type { ImageStore, ImageUpload, Provider } from '../../../shared/drivers/driver.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';
import { providerConfig } from '../../support/provider-config.ts';
import type { Azurite } from './azurite.ts';

/** One without options of its own. */
const IMAGE = { options: { tags: {} } } as unknown as ProviderImage;

export const NAME = 'debian-1700000000';
const TAGS = { nodepool_provider_name: 'azure', nodepool_build_id: '7', nodepool_upload_id: '1' };
/** Our waits are that much shorter; Azurite and the network take the time that they take. */
const HASTE = 20;
/** Of our waits: in real seconds 30, as what is written is read back in one of the calls. */
const CALL_SECONDS = 30 * HASTE;

const hastyClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * HASTE,
  after: (ms, fn) => systemClock.after(ms / HASTE, fn),
};

export class Desk {
  readonly cloud = new AzureCloud({ clock: systemClock, operationSeconds: 0.01 });
  readonly proxy: HttpProxy;
  readonly lines: string[] = [];
  readonly folder: string;
  /** For which addresses to write to are good. */
  addressSeconds = 3600;
  readonly #azurite: Azurite;
  /** The blob that stands for the disk, once there is one. */
  readonly #blob = `${NAME}-${randomUUID()}`;
  #hasBlob = false;
  #provider: Provider | undefined;

  private constructor(azurite: Azurite, proxy: HttpProxy, folder: string) {
    this.#azurite = azurite;
    this.proxy = proxy;
    this.folder = folder;
  }

  static async open(azurite: Azurite): Promise<Desk> {
    const proxy = await startHttpProxy({ targets: { blob: azurite.origin } });
    return new Desk(azurite, proxy, await mkdtemp(join(tmpdir(), 'nodepool-azurite-desk-')));
  }

  async close(): Promise<void> {
    await this.#provider?.close();
    await this.proxy.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of a provider that keeps images only. */
  async store(): Promise<ImageStore> {
    const driver = createAzureDriver({ httpClient: this.#http(), timeoutSeconds: CALL_SECONDS });
    const env = {
      ...{ clock: hastyClock, random: Math.random, log: collectingLogger(this.lines) },
      ...{ environment: {}, extension: undefined, pollSeconds: 1, imageCheckSeconds: 300 },
    };
    const signal = AbortSignal.timeout(20_000);
    this.#provider = await driver.connect(providerConfig(await this.#section()), env, signal);
    assert.ok(this.#provider.images);
    return this.#provider.images;
  }

  /** Where something was written: first byte and number of bytes, neighbours as one. */
  written(): Promise<[offset: number, bytes: number][]> {
    return this.#azurite.written(this.#blob);
  }

  /** Calls that came to write pages. */
  get writes(): number {
    const counts = Object.entries(this.proxy.counts());
    return counts.reduce(
      (sum, [key, count]) => (key.startsWith('blob PUT ') ? sum + count : sum),
      0,
    );
  }

  /** An upload of these bytes. */
  async wish(bytes: Buffer, more: Partial<ImageUpload> = {}): Promise<ImageUpload> {
    const file = join(this.folder, 'image.vhd');
    await writeFile(file, bytes);
    const sumOf = (name: string): string => createHash(name).update(bytes).digest('hex');
    return {
      ...{ name: NAME, file, metadata: TAGS, image: IMAGE },
      checksums: { md5: sumOf('md5'), sha256: sumOf('sha256') },
      ...more,
    };
  }

  async #section(): Promise<string> {
    const auth = join(this.folder, 'auth.json');
    const principal = {
      ...{ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
      ...{ tenantId: TENANT, subscriptionId: SUBSCRIPTION },
    };
    await writeFile(auth, JSON.stringify(principal));
    const section = {
      ...{ name: 'azure', driver: 'azure', 'auth-path': auth, rate: 10_000 },
      ...{ location: LOCATION, 'resource-group': GROUP, 'resource-group-location': LOCATION },
      pools: [],
    };
    return JSON.stringify(section);
  }

  /** Azure's own hosts are the cloud in memory; the others are there. */
  #http(): HttpClient {
    const real = createDefaultHttpClient();
    const { httpClient } = this.cloud;
    return {
      sendRequest: async (request) => {
        if (request.url.startsWith('http:'))
          return real.sendRequest(Object.assign(request, { allowInsecureConnection: true }));
        if (request.url.includes('/endGetAccess?')) await this.#collect();
        const response = await httpClient.sendRequest(request);
        return this.#leadToAzurite(request, response);
      },
    };
  }

  /** Where the Resource Manager tells an address to write to, it is one of Azurite. */
  async #leadToAzurite(
    { url }: PipelineRequest,
    response: PipelineResponse,
  ): Promise<PipelineResponse> {
    const { bodyAsText } = response;
    const [address] = /https:[^"]*blob\.storage[^"]*/.exec(bodyAsText ?? '') ?? [];
    const [disk] = this.cloud.disks.disks.all();
    if (address === undefined || disk?.upload === undefined || !url.includes('/operations/'))
      return response;
    if (!this.#hasBlob) await this.#azurite.create(this.#blob, disk.upload.length);
    this.#hasBlob = true;
    const { blob } = this.proxy.origins;
    const ours = this.#azurite.addressOf(this.#blob, this.addressSeconds, blob);
    return { ...response, bodyAsText: bodyAsText?.replaceAll(address, ours) ?? null };
  }

  /** What was written is the disk's when the access ends. */
  async #collect(): Promise<void> {
    const [disk] = this.cloud.disks.disks.all();
    if (disk?.upload === undefined || !this.#hasBlob) return;
    for (const [offset, bytes] of await this.written())
      disk.upload.set(await this.#azurite.read(this.#blob, offset, bytes), offset);
  }
}
