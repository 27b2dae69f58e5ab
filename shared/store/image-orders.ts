/**
 * What operators order of disk images: a build, a pause, a deletion. No cache and no lock: a command
 * writes once, and the builders do the rest. Each may be given again after an error.
 *
 * Places and effects are those of Python's commands (nodepool/zk/zookeeper.py).
 */
import { isNodeExists, isNoNode } from '../zookeeper/errors.ts';
import type { CallOptions, ZooKeeper } from '../zookeeper/types.ts';
import { buildRequestPath, imagePausePath } from './paths.ts';

/** Fine where the image is requested already. */
export async function requestBuild(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<void> {
  await client.ensurePath(buildRequestPath(image), options);
}

/** Fine where it is paused already. False: ZooKeeper knows no such image. */
export async function pauseImage(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<boolean> {
  try {
    await client.create(imagePausePath(image), undefined, options);
  } catch (error) {
    if (isNoNode(error)) return false;
    if (!isNodeExists(error)) throw error;
  }
  return true;
}

/** False: it is not paused, or there is no such image. */
export async function unpauseImage(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<boolean> {
  try {
    await client.delete(imagePausePath(image), undefined, options);
    return true;
  } catch (error) {
    if (isNoNode(error)) return false;
    throw error;
  }
}

/** Whether `pauseImage` is in force; nothing is built meanwhile. */
export async function isImagePaused(
  client: ZooKeeper,
  image: string,
  options: CallOptions = {},
): Promise<boolean> {
  return (await client.exists(imagePausePath(image), options)) !== undefined;
}
