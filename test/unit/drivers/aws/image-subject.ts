/** An image store over a cloud in memory, through the official SDK, with a clock that tests turn. */
import { createHash } from 'node:crypto';

import { AwsCloud } from '../../../../fixtures/aws-cloud/cloud.ts';
import { REGION, type AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { BUCKET } from '../../../../fixtures/aws-cloud/storage/buckets.ts';
import { ManualClock, settle } from '../../../../fixtures/clock.ts';
import type { ProviderConfig, ProviderImage } from '../../../../schemas/config/model.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { openSdk } from '../../../../shared/drivers/aws/client/sdk.ts';
import { openServices } from '../../../../shared/drivers/aws/client/services.ts';
import { AwsImageStore } from '../../../../shared/drivers/aws/image-store.ts';
import { loadSdk } from '../../../support/load-aws-sdk.ts';

export const METHODS = ['snapshot', 'image', 'ebs-direct'] as const;
export type Method = (typeof METHODS)[number];

export const METADATA = {
  nodepool_provider_name: 'aws',
  nodepool_build_id: '0000000007',
  nodepool_upload_id: '0000000001',
};
/** More than any upload takes, its take-back included. */
const MOST_TURNS = 200_000;
const TURN_MS = 250;

export const never = (): AbortSignal => new AbortController().signal;

/** Timers of others, mocha's among them. */
let foreignTimers = 1;

/** In a hook, before all tests. */
export async function begin(): Promise<void> {
  await loadSdk();
  foreignTimers = activeTimers();
}

export interface StoreOptions extends Partial<AwsCloudOptions> {
  readonly format?: string;
  readonly bucket?: string | undefined;
  readonly importTimeoutSeconds?: number;
}

export interface Line {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export function storeSubject(options: StoreOptions = {}) {
  const { format = 'raw', importTimeoutSeconds, ...rest } = options;
  const bucket = 'bucket' in options ? options.bucket : BUCKET;
  const clock = new ManualClock();
  const cloud = new AwsCloud({ clock, importSeconds: 20, ...rest });
  const lines: Line[] = [];
  const said =
    (level: Line['level']) =>
    (message: string, fields?: LogFields): void => {
      lines.push({ level, message, fields });
    };
  const log: Logger = { ...silentLogger, info: said('info'), warn: said('warn') };
  const config = {
    name: 'aws',
    options: {
      ...{ regionName: REGION, bucketName: bucket, imageFormat: format },
      imageImportTimeoutSeconds: importTimeoutSeconds,
    },
  } as unknown as ProviderConfig;
  let tokens = 0;
  /** One builder's: what it does ends with `close`. */
  const open = () => {
    const sdk = openSdk({
      ...{ section: 'provider aws', region: REGION, profile: undefined, environment: {} },
      ...{ clock, random: () => 0.5, log, callsPerSecond: Infinity },
      ...{ requestHandler: cloud.handler, credentials: cloud.accessKey },
    });
    const services = openServices(sdk);
    const store = new AwsImageStore({
      ...{ services, config, clock, random: () => 0.5, log, pollSeconds: 1 },
      newToken: () => `token-${tokens++}`,
    });
    return { services, store };
  };
  return { clock, cloud, lines, open, ...open() };
}

export type StoreSubject = ReturnType<typeof storeSubject>;

/** A diskimage's section, with its defaults. */
export function imageSection(method: Method, options: object = {}): ProviderImage {
  const defaults = { architecture: 'x86_64', enaSupport: true, volumeType: 'gp3', tags: {} };
  return {
    name: 'debian',
    options: { ...defaults, imdsSupport: null, importMethod: method, ...options },
  } as unknown as ProviderImage;
}

export function uploadOf(
  file: string,
  bytes: Buffer,
  method: Method,
  changes: Partial<ImageUpload> = {},
): ImageUpload {
  const sum = (name: string): string => createHash(name).update(bytes).digest('hex');
  return {
    ...{ name: 'debian-1700000000', image: imageSection(method), file, metadata: METADATA },
    checksums: { md5: sum('md5'), sha256: sum('sha256').toUpperCase() },
    ...changes,
  };
}

/** Turns the clock until the promise has settled; not while files are read or the SDK pauses. */
export async function turned<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const done = promise.finally(() => {
    state.isSettled = true;
  });
  done.catch(() => undefined);
  await settle();
  for (let turn = 0; !state.isSettled; turn++) {
    if (turn > MOST_TURNS) throw new Error('the promise never settles');
    while (isBusy()) await new Promise((resolve) => setImmediate(resolve));
    // Imports are answered in order by a thread of their own: those that came before are done now.
    await import('@aws-sdk/lib-storage');
    await clock.advance(TURN_MS);
  }
  return done;
}

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function isBusy(): boolean {
  return (
    activeTimers() > foreignTimers ||
    process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))
  );
}

/** What of an upload is in the cloud. */
export function madeIn({ cloud }: StoreSubject): object {
  const { images, snapshots, objects, uploads, tasks } = cloud.counts;
  return { images, snapshots, objects, uploads, tasks };
}

export const NOTHING = { images: 0, snapshots: 0, objects: 0, uploads: 0, tasks: 0 };
export const ONE_IMAGE = { ...NOTHING, images: 1, snapshots: 1 };
