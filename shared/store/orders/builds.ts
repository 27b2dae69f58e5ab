/**
 * What operators order of disk images as such: a build, a pause. No cache and no lock: an order is a
 * znode whose presence is all it says, and the builders do the rest. May be given again after an error.
 *
 * Places and effects are those of Python's commands (nodepool/zk/zookeeper.py).
 */
import { isNodeExists, isNoNode } from '../../zookeeper/errors.ts';
import type { CallOptions, ZooKeeper } from '../../zookeeper/types.ts';
import { buildRequestPath, imagePausePath, isName } from '../paths.ts';

/** What is looked at of the disk images of a configuration, by name. */
export type KnownImages = ReadonlyMap<string, { readonly isPaused: boolean }>;

/** Why nobody would build an image: the configuration does not have it, or pauses it. */
export type BuildRefusal = 'not-found' | 'paused-in-configuration';

export type BuildOrderOutcome =
  | {
      readonly kind: 'done';
      /** It is built once the pause that `pauseImage` made is over. */
      readonly isPaused: boolean;
    }
  | { readonly kind: BuildRefusal };

/** Undefined: builders with this configuration build the image. */
export function buildRefusal(image: string, known: KnownImages): BuildRefusal | undefined {
  const found = known.get(image);
  if (found === undefined) return 'not-found';
  return found.isPaused ? 'paused-in-configuration' : undefined;
}

/** Asks for a build, unless nobody would make it. Fine where the image is requested already. */
export async function orderBuild(
  client: ZooKeeper,
  image: string,
  known: KnownImages,
  options: CallOptions = {},
): Promise<BuildOrderOutcome> {
  const refusal = buildRefusal(image, known);
  if (refusal !== undefined) return { kind: refusal };
  await requestBuild(client, image, options);
  const pause = await client.exists(imagePausePath(image), options);
  return { kind: 'done', isPaused: pause !== undefined };
}

/** Fine where the image is requested already. */
export async function requestBuild(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<void> {
  await client.ensurePath(buildRequestPath(image), options);
}

/**
 * Nothing is built of the image any more. Fine where it is paused already. `not-found`: ZooKeeper knows
 * no such image, as it has never been built or requested.
 */
export async function pauseImage(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<'done' | 'not-found'> {
  if (!isName(image)) return 'not-found';
  try {
    await client.create(imagePausePath(image), undefined, options);
  } catch (error) {
    if (isNoNode(error)) return 'not-found';
    if (!isNodeExists(error)) throw error;
  }
  return 'done';
}

/** `not-paused`: nothing was to be done; ZooKeeper may not even know the image. */
export async function unpauseImage(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<'done' | 'not-paused'> {
  if (!isName(image)) return 'not-paused';
  try {
    await client.delete(imagePausePath(image), undefined, options);
    return 'done';
  } catch (error) {
    if (isNoNode(error)) return 'not-paused';
    throw error;
  }
}
