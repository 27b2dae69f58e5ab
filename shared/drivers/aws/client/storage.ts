/** Objects in S3, where images stay on their way into EC2. */
import { createReadStream } from 'node:fs';

import type { S3, S3Client, Tag } from '@aws-sdk/client-s3';

import { throwIfAborted } from '../../../base/wait.ts';
import { orUndefined } from './errors.ts';
import type { Service } from './service.ts';
import { tagRecord } from './tags.ts';

/** S3 takes no smaller part, but for the last one, and no more parts than this. */
const LEAST_PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;

export interface StoredObject {
  readonly key: string;
}

export interface ObjectUpload {
  readonly bucket: string;
  readonly key: string;
  /** Path of the file. */
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
  /** S3 takes ten at most. */
  readonly tags: Readonly<Record<string, string>>;
  /** Is told of the bytes that S3 has taken so far, and of the file's size. */
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

export interface StorageOptions {
  readonly s3: Service<S3>;
  /** A client for one upload, which repeats a failed part itself; ended by whoever asked for it. */
  readonly openUploader: () => Promise<S3Client>;
  /** Sorts what an upload throws. */
  readonly sorted: (error: unknown) => Error;
}

export class Storage {
  readonly #options: StorageOptions;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /**
   * In parts, a few at once, each with S3's own checksum and repeated for itself. Resolves when the
   * whole object is there; a failure or an abort leaves no parts behind, as far as S3 answers.
   */
  async upload(upload: ObjectUpload, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const client = await this.#options.openUploader();
    try {
      await send(client, upload, signal);
    } catch (error) {
      throwIfAborted(signal);
      throw this.#options.sorted(error);
    } finally {
      client.destroy();
    }
  }

  /** One that is gone is fine. */
  async delete(bucket: string, key: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#options.s3.change(
        'DeleteObject',
        (s3, options) => s3.deleteObject({ Bucket: bucket, Key: key }, options),
        signal,
      ),
    );
  }

  /** All of the bucket. */
  objects(bucket: string, signal: AbortSignal): Promise<readonly StoredObject[]> {
    return this.#options.s3.readAll(
      'ListObjectsV2',
      async (s3, { NextToken }, options) => {
        const page = await s3.listObjectsV2(
          { Bucket: bucket, ...(NextToken !== undefined && { ContinuationToken: NextToken }) },
          options,
        );
        return { objects: page.Contents, NextToken: page.NextContinuationToken };
      },
      ({ objects }) => objects?.flatMap(({ Key }) => (Key === undefined ? [] : { key: Key })),
      signal,
    );
  }

  /** Undefined: there is no such object. */
  async tags(
    bucket: string,
    key: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const answer = await orUndefined(
      this.#options.s3.read<{ TagSet: Tag[] | undefined }>(
        'GetObjectTagging',
        (s3, options) => s3.getObjectTagging({ Bucket: bucket, Key: key }, options),
        signal,
      ),
    );
    return answer && tagRecord(answer.TagSet);
  }
}

async function send(client: S3Client, upload: ObjectUpload, signal: AbortSignal): Promise<void> {
  const { bucket, key, file, bytes, tags, onProgress } = upload;
  const { Upload } = await import('@aws-sdk/lib-storage');
  throwIfAborted(signal);
  const abortController = new AbortController();
  const abort = (): void => {
    abortController.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  const body = createReadStream(file);
  try {
    const work = new Upload({
      client,
      abortController,
      queueSize: PARTS_AT_ONCE,
      partSize: Math.max(LEAST_PART_BYTES, Math.ceil(bytes / MOST_PARTS)),
      params: {
        Bucket: bucket,
        Key: key,
        Body: body,
        Tagging: new URLSearchParams(tags).toString(),
      },
    });
    work.on('httpUploadProgress', ({ loaded }) => {
      if (loaded !== undefined) onProgress?.(loaded, bytes);
    });
    await work.done();
  } finally {
    signal.removeEventListener('abort', abort);
    body.destroy();
  }
}
