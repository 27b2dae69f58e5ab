/**
 * Our driver in the test's process before an IBM Cloud in memory, whose object storage is moto's S3 behind
 * a proxy that lets calls go wrong.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3 } from '@aws-sdk/client-s3';

import { IbmCloud } from '../../../fixtures/ibm-cloud/cloud.ts';
import { REGION } from '../../../fixtures/ibm-cloud/ground.ts';
import { API_KEY } from '../../../fixtures/ibm-cloud/iam.ts';
import { STORAGE_NAME } from '../../../fixtures/ibm-cloud/resources.ts';
import { startHttpProxy, type HttpProxy } from '../../../fixtures/proxy/http-proxy.ts';
import type { ProviderImage } from '../../../schemas/config/model.ts';
import { systemClock, type Clock } from '../../../shared/base/clock.ts';
import type { Fetch } from '../../../shared/cloud/http-transport.ts';
import type { ImageStore, ImageUpload, Provider } from '../../../shared/drivers/driver.ts';
import { createIbmVpcDriver } from '../../../shared/drivers/ibmvpc/driver.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';
import { providerConfig } from '../../support/provider-config.ts';
import { CREDENTIALS, type Moto } from '../aws/moto.ts';

const IMAGE = { options: { operatingSystem: 'debian-12-amd64' } } as unknown as ProviderImage;
const PROVIDER = 'ibm';
const BUCKET = 'ibm-images';
/** Our waits are that much shorter; moto and the network take the time that they take. */
const HASTE = 20;

const hastyClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * HASTE,
  after: (ms, fn) => systemClock.after(ms / HASTE, fn),
};

export class Desk {
  readonly cloud = new IbmCloud({ clock: systemClock, importSeconds: 0.01, deleteSeconds: 0.01 });
  readonly proxy: HttpProxy;
  readonly lines: string[] = [];
  readonly #s3: S3;
  readonly #folder: string;
  #provider: Provider | undefined;
  #uploads = 0;

  private constructor(s3: S3, proxy: HttpProxy, folder: string) {
    this.#s3 = s3;
    this.proxy = proxy;
    this.#folder = folder;
  }

  static async open(moto: Moto): Promise<Desk> {
    // What a call is, its query tells.
    const routeOf = (url: string): string => new URL(url, moto.url).search.replace(/=.*/, '');
    const proxy = await startHttpProxy({ targets: { storage: moto.url }, routeOf });
    const { S3 } = await import('@aws-sdk/client-s3');
    const s3 = new S3({
      ...{ region: moto.region, endpoint: moto.url, forcePathStyle: true },
      credentials: CREDENTIALS,
    });
    await moto.makeBucket(BUCKET).catch((error: unknown) => {
      if (!String(error).includes('BucketAlready')) throw error;
    });
    return new Desk(s3, proxy, await mkdtemp(join(tmpdir(), 'nodepool-ibm-desk-')));
  }

  async close(): Promise<void> {
    await this.#provider?.close();
    await this.proxy.close();
    this.#s3.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Of a provider that keeps images only. */
  async store(): Promise<ImageStore> {
    const driver = createIbmVpcDriver({ fetch: this.#fetch(), timeoutSeconds: 5 * HASTE });
    const env = {
      ...{ clock: hastyClock, random: Math.random, log: collectingLogger(this.lines) },
      environment: { VPC_APIKEY: API_KEY, HOME: this.#folder },
      ...{ extension: undefined, pollSeconds: 1, imageCheckSeconds: 300 },
    };
    const section = {
      ...{ name: PROVIDER, driver: 'ibmvpc', region: REGION, vpc: 'ci-vpc', rate: 10_000 },
      'object-storage': {
        'instance-name': STORAGE_NAME,
        endpoint: this.proxy.origins.storage,
        'bucket-name': BUCKET,
      },
      pools: [],
    };
    const signal = AbortSignal.timeout(20_000);
    this.#provider = await driver.connect(providerConfig(JSON.stringify(section)), env, signal);
    assert.ok(this.#provider.images);
    return this.#provider.images;
  }

  /** An upload of these bytes, of a number of its own. */
  async wish(bytes: Buffer, more: Partial<ImageUpload> = {}): Promise<ImageUpload> {
    const file = join(this.#folder, 'image.qcow2');
    await writeFile(file, bytes);
    const sumOf = (name: string): string => createHash(name).update(bytes).digest('hex');
    const number = String(++this.#uploads).padStart(10, '0');
    const metadata = {
      nodepool_provider_name: PROVIDER,
      nodepool_build_id: '0123456789abcdef',
      nodepool_upload_id: number,
    };
    return {
      ...{ name: `npimage-0123456789abcdef-${number}`, file, metadata, image: IMAGE },
      checksums: { md5: sumOf('md5'), sha256: sumOf('sha256') },
      ...more,
    };
  }

  /** What the object storage has: objects, and uploads that are not completed. */
  async left(): Promise<{ readonly objects: number; readonly uploads: number }> {
    const { Contents: objects = [] } = await this.#s3.listObjectsV2({ Bucket: BUCKET });
    const { Uploads: uploads = [] } = await this.#s3.listMultipartUploads({ Bucket: BUCKET });
    return { objects: objects.length, uploads: uploads.length };
  }

  /** IBM's own hosts are the cloud in memory; what it imports it gets from moto. */
  #fetch(): Fetch {
    return async (url, init) => {
      const body = typeof init.body === 'string' ? init.body : '';
      const [, place = '', key = ''] = /"cos:\/\/([^/]+)\/[^/]+\/([^"]+)"/.exec(body) ?? [];
      if (key === '') return this.cloud.fetch(url, init);
      const { Body: object } = await this.#s3.getObject({ Bucket: BUCKET, Key: key });
      this.cloud.buckets.buckets.set(BUCKET, new Map());
      this.cloud.buckets.put(
        BUCKET,
        key,
        Buffer.from((await object?.transformToByteArray()) ?? []),
      );
      // moto's regions are AWS's.
      const href = body.replace(`cos://${place}/`, `cos://${REGION}/`);
      return this.cloud.fetch(url, { ...init, body: href });
    };
  }
}
