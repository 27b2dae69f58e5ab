/** The parts of a provider that are about images in its object storage, put together. */
import type { IbmVpcOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import { Extras } from '../../cloud/extras.ts';
import { Kept } from '../../cloud/kept.ts';
import type { DriverEnv, LeakableResource } from '../driver.ts';
import type { Session } from './client/session.ts';
import { StorageCalls } from './client/storage-calls.ts';
import { Storage } from './client/storage.ts';
import type { Groups } from './groups.ts';
import { tagsOfKey } from './image-names.ts';
import { ImageObjects } from './image-objects.ts';
import { IbmVpcImageStore } from './image-store.ts';
import type { LeakKind } from './leaks.ts';

export interface ImagePartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly session: Session;
}

export interface ImageParts {
  readonly store: IbmVpcImageStore;
  /** Images and objects that can outlive their upload. */
  readonly leaks: readonly LeakKind[];
  close(): void;
}

/** Undefined: the section has no object storage. */
export function openImages(
  { config, env, session }: ImagePartsOptions,
  groups: Groups,
): ImageParts | undefined {
  const { objectStorage, imageFormat } = config.options as IbmVpcOptions;
  const { endpoint, bucketName: bucket } = objectStorage ?? {};
  // Half a section is complained of where it is read.
  if (endpoint === undefined || bucket === undefined) return undefined;
  const { clock, random, log, environment, onHttp, pollSeconds } = env;
  const { tokens, services, timeoutSeconds } = session;
  const calls = new StorageCalls({
    ...{ endpoint, tokens, environment, clock, random, onHttp, timeoutSeconds },
  });
  const storage = new Storage(calls, bucket);
  const provider = config.name;
  const extras = new Extras(log);
  const objects = new ImageObjects({ storage, provider, extras, clock, random, log });
  const region = new Kept((signal) => readRegion({ config, session }, storage, signal));
  const { images } = services;
  const store = new IbmVpcImageStore({
    ...{ provider, images, objects, bucket, groups, clock, log, pollSeconds },
    format: imageFormat,
    region: (signal) => region.get(signal),
  });
  const imageLeaks: LeakKind = {
    kind: 'images',
    list: async (signal) => {
      const own = await images.own(signal);
      const staying = own.filter(({ status }) => status !== 'deleting');
      const tagged = await groups.tagged(staying, signal);
      return tagged.map(({ thing: { id }, tags }) => leak('images', id, tags));
    },
    delete: (id, signal) => images.delete(id, signal),
  };
  const objectLeaks: LeakKind = {
    kind: 'objects',
    list: async (signal) =>
      (await objects.keys(signal)).map((key) => leak('objects', key, tagsOfKey(key))),
    delete: (key, signal) => objects.delete(key, signal),
  };
  return {
    store,
    leaks: [imageLeaks, objectLeaks],
    close: () => {
      calls.close();
    },
  };
}

function leak(kind: string, id: string, metadata: LeakableResource['metadata']): LeakableResource {
  return { kind, id, metadata };
}

/** Where the bucket is, as the section names it: an account may have several object storages. */
async function readRegion(
  { config, session }: Pick<ImagePartsOptions, 'config' | 'session'>,
  storage: Storage,
  signal: AbortSignal,
): Promise<string> {
  const { name, place, options } = config;
  const { instanceName = '', bucketName = '' } = (options as IbmVpcOptions).objectStorage ?? {};
  const instances = await session.services.serviceInstances.named(instanceName, signal);
  if (!instances.some(({ crn }) => crn.split(':')[4] === 'cloud-object-storage'))
    throw new CloudError(
      'NP_CLOUD_FATAL',
      `provider ${name}: there is no object storage ${instanceName}`,
      { hint: `correct instance-name of object-storage at ${place}` },
    );
  try {
    return await storage.location(signal);
  } catch (error) {
    if (!hasCode(error, 'NP_CLOUD_NOT_FOUND')) throw error;
    throw new CloudError('NP_CLOUD_FATAL', `provider ${name}: there is no bucket ${bucketName}`, {
      hint: `correct bucket-name or endpoint of object-storage at ${place}`,
    });
  }
}
