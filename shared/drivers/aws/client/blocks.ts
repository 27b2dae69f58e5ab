/** Snapshots written block by block, by EBS direct. Facts: docs.aws.amazon.com/ebs, API reference. */
import type { EBS } from '@aws-sdk/client-ebs';

import { CloudError } from '../../../base/errors.ts';
import { answerWithout } from './errors.ts';
import type { Service } from './service.ts';
import { tagList } from './tags.ts';

/** Half a megabyte in each block, and a slow line. */
const PUT_SECONDS = 60;

export interface SnapshotStart {
  readonly volumeSizeGib: number;
  /** The same one gives the same snapshot. */
  readonly token: string;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS gives the snapshot up when nothing was done to it for so long; 10 to 4320. */
  readonly timeoutMinutes: number;
}

export interface SnapshotBlock {
  readonly snapshotId: string;
  readonly index: number;
  /** A whole block. */
  readonly bytes: Uint8Array;
  readonly sha256Base64: string;
}

export type SnapshotStatus = 'completed' | 'pending' | 'error';

export class Blocks {
  readonly #control: Service<EBS>;
  readonly #data: Service<EBS>;

  /** `data`: for the blocks, which wait for no turn. */
  constructor(control: Service<EBS>, data: Service<EBS>) {
    this.#control = control;
    this.#data = data;
  }

  async start(
    { volumeSizeGib, token, tags, timeoutMinutes }: SnapshotStart,
    signal: AbortSignal,
  ): Promise<{ readonly snapshotId: string; readonly blockBytes: number }> {
    const { SnapshotId, BlockSize } = await this.#control.change(
      'StartSnapshot',
      (ebs, options) =>
        ebs.startSnapshot(
          {
            VolumeSize: volumeSizeGib,
            ClientToken: token,
            Tags: tagList(tags),
            Timeout: timeoutMinutes,
          },
          options,
        ),
      signal,
    );
    if (SnapshotId === undefined) throw answerWithout('StartSnapshot', 'a snapshot');
    return { snapshotId: SnapshotId, blockBytes: BlockSize ?? 524_288 };
  }

  /** Writing a block twice does no harm. */
  async put(
    { snapshotId, index, bytes, sha256Base64 }: SnapshotBlock,
    signal: AbortSignal,
  ): Promise<void> {
    const { Checksum } = await this.#data.change(
      'PutSnapshotBlock',
      (ebs, options) =>
        ebs.putSnapshotBlock(
          {
            SnapshotId: snapshotId,
            BlockIndex: index,
            BlockData: bytes,
            DataLength: bytes.byteLength,
            Checksum: sha256Base64,
            ChecksumAlgorithm: 'SHA256',
          },
          options,
        ),
      signal,
      { timeoutSeconds: PUT_SECONDS },
    );
    if (Checksum !== sha256Base64)
      throw new CloudError(
        'NP_CLOUD_TRANSIENT',
        `PutSnapshotBlock: block ${index} of ${snapshotId} has arrived damaged`,
        { labels: ['retryable'] },
      );
  }

  /** `blocks`: so many were written. Asked again it tells how far the snapshot is. */
  async complete(
    { snapshotId, blocks }: { readonly snapshotId: string; readonly blocks: number },
    signal: AbortSignal,
  ): Promise<SnapshotStatus> {
    const { Status } = await this.#control.change(
      'CompleteSnapshot',
      (ebs, options) =>
        ebs.completeSnapshot({ SnapshotId: snapshotId, ChangedBlocksCount: blocks }, options),
      signal,
    );
    return Status ?? 'pending';
  }
}
