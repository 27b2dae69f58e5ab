/** Objects of one object storage, where images stay on their way into a VPC. */
import { createHash } from 'node:crypto';

import type S3 from 'ibm-cos-sdk/clients/s3.js';

import { CloudError, hasCode } from '../../../base/errors.ts';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { StorageCalls } from './storage-calls.ts';

/** An object that is sent in parts. */
export interface PartialUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** One part of it. */
export interface SentPart {
  /** From 1. */
  readonly number: number;
  readonly etag: string;
}

/** A listing of more pages is one that leads in a circle. */
const MOST_PAGES = 10_000;

export class Storage {
  readonly #calls: StorageCalls;
  readonly #bucket: string;

  constructor(calls: StorageCalls, bucket: string) {
    this.#calls = calls;
    this.#bucket = bucket;
  }

  /**
   * The region as the URLs of objects have it: without the class of storage that is told with it.
   *
   * @throws CloudError NP_CLOUD_NOT_FOUND: there is no such bucket.
   */
  async location(signal: AbortSignal): Promise<string> {
    const { LocationConstraint: location = '' } = await this.#calls.read(
      'GetBucketLocation',
      (s3) => s3.getBucketLocation({ Bucket: this.#bucket }),
      signal,
    );
    if (location === '')
      throw new CloudError('NP_CLOUD_FATAL', `IBM does not tell where bucket ${this.#bucket} is`);
    return location.replace(/-[^-]*$/, '');
  }

  /** A lost answer leaves one that nobody completes: `partials` shows it. */
  async begin(key: string, signal: AbortSignal): Promise<PartialUpload> {
    const { UploadId: uploadId = '' } = await this.#calls.read(
      'CreateMultipartUpload',
      (s3) => s3.createMultipartUpload({ Bucket: this.#bucket, Key: key }),
      signal,
    );
    return { key, uploadId };
  }

  /** Once: the caller repeats it. The storage compares what comes with its checksum. */
  async send(
    { key, uploadId }: PartialUpload,
    number: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<SentPart> {
    const request = {
      ...{ Bucket: this.#bucket, Key: key, UploadId: uploadId, PartNumber: number },
      Body: bytes,
      ContentMD5: createHash('md5').update(bytes).digest('base64'),
    };
    const { ETag: etag = '' } = await this.#calls.once(
      'UploadPart',
      (s3) => s3.uploadPart(request),
      signal,
    );
    return { number, etag };
  }

  /** Where the answer was lost, a repetition finds nothing to complete, but the object. */
  async complete(
    { key, uploadId }: PartialUpload,
    parts: readonly SentPart[],
    signal: AbortSignal,
  ): Promise<void> {
    const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    const request = { Bucket: this.#bucket, Key: key, UploadId: uploadId };
    try {
      await this.#calls.read(
        'CompleteMultipartUpload',
        (s3) => s3.completeMultipartUpload({ ...request, MultipartUpload: { Parts } }),
        signal,
      );
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_NOT_FOUND')) throw error;
      if (!(await this.keys(key, signal)).includes(key)) throw error;
    }
  }

  /** With all of its parts. One that is gone is fine. */
  async abort({ key, uploadId }: PartialUpload, signal: AbortSignal): Promise<void> {
    const request = { Bucket: this.#bucket, Key: key, UploadId: uploadId };
    await unlessThereIsNone(
      this.#calls.read('AbortMultipartUpload', (s3) => s3.abortMultipartUpload(request), signal),
    );
  }

  /** One that is gone is fine. */
  async delete(key: string, signal: AbortSignal): Promise<void> {
    await unlessThereIsNone(
      this.#calls.read(
        'DeleteObject',
        (s3) => s3.deleteObject({ Bucket: this.#bucket, Key: key }),
        signal,
      ),
    );
  }

  /** Of objects that begin so. */
  async keys(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = [];
    const request = { Bucket: this.#bucket, Prefix: prefix };
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const more = token === undefined ? {} : { ContinuationToken: token };
      const found = await this.#calls.read(
        'ListObjectsV2',
        (s3) => s3.listObjectsV2({ ...request, ...more }),
        signal,
      );
      keys.push(...(found.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = found.IsTruncated === true ? found.NextContinuationToken : undefined;
      if (token === undefined) return keys;
    }
    throw endlessError();
  }

  /** Those that were not completed and begin so. */
  async partials(prefix: string, signal: AbortSignal): Promise<readonly PartialUpload[]> {
    const partials: PartialUpload[] = [];
    let markers: Partial<S3.Types.ListMultipartUploadsRequest> = {};
    for (let page = 0; page < MOST_PAGES; page++) {
      const request = { Bucket: this.#bucket, Prefix: prefix, ...markers };
      const found = await this.#calls.read(
        'ListMultipartUploads',
        (s3) => s3.listMultipartUploads(request),
        signal,
      );
      for (const { Key: key, UploadId: uploadId } of found.Uploads ?? [])
        if (key !== undefined && uploadId !== undefined) partials.push({ key, uploadId });
      if (found.IsTruncated !== true) return partials;
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = found;
      markers = {
        ...(KeyMarker !== undefined && { KeyMarker }),
        ...(UploadIdMarker !== undefined && { UploadIdMarker }),
      };
    }
    throw endlessError();
  }
}

function endlessError(): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `a listing of more than ${MOST_PAGES} pages`);
}
