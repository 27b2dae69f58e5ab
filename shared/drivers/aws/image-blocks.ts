/**
 * Snapshots by EBS direct: the file's blocks are written into a new snapshot, many at once.
 *
 *   start -> blocks, each with its checksum -> compare with the build -> complete -> it is completed
 *
 * Blocks of zeros are sent, too: where the snapshot, or a volume of it, is encrypted, a block that was
 * never written does not read as zeros. Facts: the README of AWS's coldsnap, `--omit-zero-blocks`.
 */
import { createHash } from 'node:crypto';

import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep } from '../../base/wait.ts';
import { assertAsBuilt } from '../../cloud/as-built.ts';
import { sendSegments, type Segment } from '../../cloud/segments.ts';
import type { Blocks } from './client/blocks.ts';
import type { ImageJob } from './image-job.ts';

/** AWS takes 1000 blocks a second of an account; half a megabyte each is in memory. */
const BLOCKS_AT_ONCE = 16;
/** The client repeats a block itself, a minute each. */
const BLOCK_SECONDS = 240;
/** AWS gives up what nobody goes on with. */
const TIMEOUT_MINUTES = 60;
const GIB = 2 ** 30;
const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 15_000;

export interface BlockUploadsOptions {
  readonly blocks: Blocks;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly newToken: () => string;
}

export class BlockUploads {
  readonly #options: BlockUploadsOptions;

  constructor(options: BlockUploadsOptions) {
    this.#options = options;
  }

  /** Resolves with the id of the snapshot, which is completed and has the job's tags. */
  async upload(job: ImageJob, signal: AbortSignal): Promise<string> {
    const { blocks, clock, random, log, newToken } = this.#options;
    const { file, bytes, tags, onProgress } = job;
    const { snapshotId, blockBytes } = await blocks.start(
      {
        volumeSizeGib: Math.max(1, Math.ceil(bytes / GIB)),
        ...{ token: newToken(), tags, timeoutMinutes: TIMEOUT_MINUTES },
      },
      signal,
    );
    job.made.add(snapshotId);
    const send = (segment: Segment, inner: AbortSignal): Promise<void> =>
      this.#put(snapshotId, segment.index, padded(segment.bytes, blockBytes), inner);
    const { checksums, segments } = await sendSegments(
      {
        ...{ file, segmentBytes: blockBytes, atOnce: BLOCKS_AT_ONCE, send },
        ...{ clock, random, log, attemptSeconds: BLOCK_SECONDS, onProgress },
      },
      signal,
    );
    assertAsBuilt(job.name, checksums, job.checksums);
    log.info('blocks of an image are sent', { image: job.name, snapshot: snapshotId, segments });
    await this.#complete(snapshotId, segments, signal);
    return snapshotId;
  }

  async #put(
    snapshotId: string,
    index: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const sha256Base64 = createHash('sha256').update(bytes).digest('base64');
    await this.#options.blocks.put({ snapshotId, index, bytes, sha256Base64 }, signal);
  }

  async #complete(snapshotId: string, count: number, signal: AbortSignal): Promise<void> {
    const { blocks, clock } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
      const status = await blocks.complete({ snapshotId, blocks: count }, signal);
      if (status === 'completed') return;
      if (status === 'error')
        throw new CloudError('NP_CLOUD_TRANSIENT', `snapshot ${snapshotId}: AWS gave it up`, {
          labels: ['retryable'],
        });
      await sleep(clock, pauseMs, signal);
    }
  }
}

/** Blocks of AWS have one size: the last one of a file ends with zeros. */
function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const block = Buffer.alloc(size);
  block.set(bytes);
  return block;
}
