/**
 * What operators order of builds and uploads: to be deleted. No cache and no lock: the state is written
 * once, and the builders do the rest. May be given again after an error.
 *
 * Places and effects are those of Python's commands (nodepool/zk/zookeeper.py).
 */
import type { z } from 'zod';

import {
  buildSchema,
  uploadSchema,
  type BuildRecord,
  type UploadRecord,
} from '../../../schemas/records/image.ts';
import { NodepoolError } from '../../base/errors.ts';
import { isBadVersion, isNoNode } from '../../zookeeper/errors.ts';
import type { CallOptions, ZooKeeper } from '../../zookeeper/types.ts';
import { decode, encode } from '../codec.ts';
import {
  buildPath,
  parseBuildPath,
  parseUploadPath,
  uploadPath,
  type BuildKey,
  type UploadKey,
} from '../paths.ts';

/** What became of an order to delete a build or an upload. */
export type DeletionOutcome =
  /** A builder will do it, or does it already. */
  | 'ordered'
  | 'not-found'
  /** It is being built or uploaded. */
  | 'in-progress';

/**
 * Has a builder delete the build, with all its uploads and files.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT
 */
export function orderBuildDeletion(
  client: ZooKeeper,
  key: BuildKey,
  nowSeconds: number,
  options: CallOptions = {},
): Promise<DeletionOutcome> {
  const path = buildPath(key);
  // A name with a slash makes the path of something else.
  if (parseBuildPath(path) === undefined) return Promise.resolve('not-found');
  return orderDeletion(
    client,
    { path, schema: buildSchema, busy: 'building', nowSeconds },
    options,
  );
}

/**
 * Has a builder delete the upload in the cloud.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT
 */
export function orderUploadDeletion(
  client: ZooKeeper,
  key: UploadKey,
  nowSeconds: number,
  options: CallOptions = {},
): Promise<DeletionOutcome> {
  const path = uploadPath(key);
  if (parseUploadPath(path) === undefined) return Promise.resolve('not-found');
  return orderDeletion(
    client,
    { path, schema: uploadSchema, busy: 'uploading', nowSeconds },
    options,
  );
}

/** A record that changes faster than it can be read is no record of ours. */
const MAX_TRIES = 10;

/**
 * The original writes what it read a moment ago over what stands there now, and so undoes what a
 * builder wrote in between; here the order is for the record that was looked at, or it is looked again.
 */
async function orderDeletion(
  client: ZooKeeper,
  order: {
    readonly path: string;
    readonly schema: z.ZodType;
    /** The state in which nobody deletes it. */
    readonly busy: 'building' | 'uploading';
    readonly nowSeconds: number;
  },
  options: CallOptions,
): Promise<DeletionOutcome> {
  const { path, schema, busy, nowSeconds } = order;
  for (let attempt = 1; ; attempt++) {
    try {
      const { data, stat } = await client.get(path, options);
      // A lock makes an empty znode where a build has just been deleted.
      if (data.length === 0) return 'not-found';
      const decoded = decode<BuildRecord | UploadRecord>(schema, data);
      if (!decoded.ok) throw corrupt(path);
      if (decoded.record.state === busy) return 'in-progress';
      if (decoded.record.state === 'deleting') return 'ordered';
      const record = { ...decoded.record, state: 'deleting', state_time: nowSeconds };
      await client.set(path, encode(record), stat.version, options);
      return 'ordered';
    } catch (error) {
      if (isNoNode(error)) return 'not-found';
      if (!isBadVersion(error) || attempt === MAX_TRIES) throw error;
    }
  }
}

function corrupt(path: string): NodepoolError {
  return new NodepoolError('NP_RECORD_CORRUPT', `${path} holds no record`, {
    hint: 'look at the znode, and delete it if nobody needs it',
  });
}
