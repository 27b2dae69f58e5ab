/** A log of this machine's own `build-log-dir`, Python builders' too. */
import { join } from 'node:path';

import { NodepoolError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { buildLogName } from '../../build-logs/names.ts';
import { openLog } from '../../build-logs/read-log.ts';
import { ImageStore } from '../../store/images.ts';
import { buildPath, type BuildKey } from '../../store/paths.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import type { LogWish } from './fetch-log.ts';

export interface FileLogOptions {
  readonly folder: string;
  readonly client: ZooKeeper;
  readonly context: Context;
}

/** Followed until the build's record says that it has ended. */
export async function* readFileLog(
  key: BuildKey,
  { isFollowing, tailLines }: LogWish,
  { folder, client, context }: FileLogOptions,
): AsyncGenerator<Uint8Array> {
  const { clock, signal, log } = context;
  const images = isFollowing ? new ImageStore(client, log.named('nodepool.zk.cache')) : undefined;
  await images?.tree.start(signal);
  const opened = await openLog({
    ...{ path: join(folder, buildLogName(key)), clock, signal },
    from: tailLines === undefined ? { offset: 0 } : { tailLines },
    writer: images && {
      isWriting: () => images.builds.get(buildPath(key))?.record.state === 'building',
      onChange: (listener) => images.builds.onChange(listener),
    },
  });
  try {
    if (opened === undefined)
      throw new NodepoolError('NP_BUILD_LOG', `the log of ${key.image}-${key.build} has gone`);
    yield* opened.pieces;
    throwIfAborted(signal);
  } finally {
    await opened?.close();
    await images?.tree.stop();
  }
}
