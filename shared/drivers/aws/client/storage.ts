/** Objects in S3, where images stay on their way into EC2. */
import { Readable } from 'node:stream';

import type { _Object, S3, S3Client, Tag } from '@aws-sdk/client-s3';

import { joinSignals, throwIfAborted, untilAborted } from '../../../base/wait.ts';
import { orUndefined } from './errors.ts';
import type { Service } from './service.ts';
import { tagRecord } from './tags.ts';

/** S3 takes no smaller part, but for the last one, and no more parts than this. */
const LEAST_PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;

export interface StoredObject {
  readonly key: string;
  /** Changes whenever the object does. */
  readonly version: string;
}

/** An upload in parts that has not been completed. */
export interface Multipart {
  readonly key: string;
  readonly uploadId: string;
}

export interface ObjectUpload {
  readonly bucket: string;
  readonly key: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Of the whole body. */
  readonly bytes: number;
  /** S3 takes ten at most. */
  readonly tags: Readonly<Record<string, string>>;
  /** Is told of the bytes that S3 has taken so far, and of the file's size. */
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

export interface StorageOptions {
  readonly s3: Service<S3>;
  /**
   * A client for one upload, which repeats a failed part itself, gives each try a deadline, and ends
   * with the signal. Destroyed by whoever asked for it.
   */
  readonly openUploader: (signal: AbortSignal) => Promise<S3Client>;
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
   * whole object is there. A failure leaves parts behind, which `multiparts` shows.
   */
  async upload(upload: ObjectUpload, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    // Parts that are on their way when one of them fails end with it: the SDK would wait for them.
    const ending = new AbortController();
    const joined = joinSignals([signal, ending.signal]);
    let client: S3Client | undefined;
    let failure: unknown;
    try {
      client = await this.#options.openUploader(joined.signal);
      onFailure(client, (error) => {
        failure ??= error;
        ending.abort();
      });
      await send(client, upload, joined.signal);
    } catch (error) {
      throwIfAborted(signal);
      throw this.#options.sorted(failure ?? error);
    } finally {
      ending.abort();
      joined.dispose();
      client?.destroy();
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

  /** Those whose keys begin so; '': all. */
  objects(bucket: string, prefix: string, signal: AbortSignal): Promise<readonly StoredObject[]> {
    return this.#options.s3.readAll(
      'ListObjectsV2',
      async (s3, { NextToken: ContinuationToken }, options) => {
        const request = { Bucket: bucket, Prefix: prefix, ContinuationToken };
        const { Contents, NextContinuationToken } = await s3.listObjectsV2(request, options);
        return { Contents, NextToken: NextContinuationToken };
      },
      ({ Contents }) => Contents?.flatMap(storedObject),
      signal,
    );
  }

  /** Uploads that are under way or were given up, whose keys begin so. */
  async multiparts(
    bucket: string,
    prefix: string,
    signal: AbortSignal,
  ): Promise<readonly Multipart[]> {
    return this.#options.s3.readAll(
      'ListMultipartUploads',
      async (s3, { NextToken }, options) => {
        // Two markers, which make one token here.
        const [KeyMarker, UploadIdMarker] = NextToken?.split('\0') ?? [];
        const request = { Bucket: bucket, Prefix: prefix, KeyMarker, UploadIdMarker };
        const page = await s3.listMultipartUploads(request, options);
        const next = `${page.NextKeyMarker ?? ''}\0${page.NextUploadIdMarker ?? ''}`;
        return { Uploads: page.Uploads, NextToken: page.IsTruncated === true ? next : undefined };
      },
      ({ Uploads }) =>
        Uploads?.map(({ Key = '', UploadId = '' }) => ({ key: Key, uploadId: UploadId })),
      signal,
    );
  }

  /** With all of its parts. One that is gone is fine. */
  async abortMultipart(
    bucket: string,
    key: string,
    uploadId: string,
    signal: AbortSignal,
  ): Promise<void> {
    await orUndefined(
      this.#options.s3.change(
        'AbortMultipartUpload',
        (s3, options) =>
          s3.abortMultipartUpload({ Bucket: bucket, Key: key, UploadId: uploadId }, options),
        signal,
      ),
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

/** Calls back when a request has failed for good. */
function onFailure(client: S3Client, callback: (error: unknown) => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        callback(error);
        throw error;
      }
    },
    { step: 'initialize', priority: 'high' },
  );
}

function storedObject({ Key, ETag, LastModified }: _Object): readonly StoredObject[] {
  if (Key === undefined) return [];
  return [{ key: Key, version: `${ETag ?? ''} ${LastModified?.toISOString() ?? ''}` }];
}

async function send(client: S3Client, upload: ObjectUpload, signal: AbortSignal): Promise<void> {
  const { bucket, key, body, bytes, tags, onProgress } = upload;
  const { Upload } = await import('@aws-sdk/lib-storage');
  throwIfAborted(signal);
  const stream = Readable.from(body, { objectMode: false });
  try {
    const work = new Upload({
      client,
      queueSize: PARTS_AT_ONCE,
      partSize: Math.max(LEAST_PART_BYTES, Math.ceil(bytes / MOST_PARTS)),
      leavePartsOnError: true,
      params: {
        Bucket: bucket,
        Key: key,
        Body: stream,
        Tagging: new URLSearchParams(tags).toString(),
      },
    });
    work.on('httpUploadProgress', ({ loaded }) => {
      if (loaded !== undefined) onProgress?.(loaded, bytes);
    });
    await untilAborted(work.done(), signal);
  } finally {
    stream.destroy();
  }
}
