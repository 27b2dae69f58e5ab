/**
 * Disk images in AWS.
 *
 *   snapshot     S3 -> ImportSnapshot -> RegisterImage
 *   image        S3 -> ImportImage
 *   ebs-direct   blocks of a snapshot -> RegisterImage
 *
 * The file is streamed from disk and compared with what was built. Whatever fails, all that was made is
 * taken back: what AWS told of by its id, the rest by its tags (image-leftovers.ts).
 */
import { stat } from 'node:fs/promises';

import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted, withDeadline } from '../../base/wait.ts';
import { orTakeBack } from '../../cloud/take-back.ts';
import type { ImageStore, ImageUpload, StoredImage } from '../driver.ts';
import type { AwsServices } from './client/services.ts';
import { BlockUploads } from './image-blocks.ts';
import { ImageImports } from './image-import.ts';
import { imageJob, type ImageJob } from './image-job.ts';
import { Leftovers } from './image-leftovers.ts';
import { isOfSameUpload } from './image-names.ts';
import { Registrations } from './image-register.ts';

/** Each call has a deadline of its own; this is for imports that never end. */
const UPLOAD_SECONDS = 12 * 3600;
/** What is made while it is being taken back is found by another look. */
const MOST_LOOKS = 3;

export interface AwsStoreOptions {
  readonly services: Pick<AwsServices, 'images' | 'storage' | 'blocks'>;
  readonly config: ProviderConfig;
  readonly clock: Clock;
  /** A number in [0, 1), to spread repetitions. */
  readonly random: () => number;
  readonly log: Logger;
  /** A text that nobody else has. */
  readonly newToken: () => string;
  /** Seconds between two looks at what takes its time. */
  readonly pollSeconds: number;
}

export class AwsImageStore implements ImageStore {
  readonly format: string;
  readonly #options: AwsStoreOptions;
  readonly #imports: ImageImports;
  readonly #blocks: BlockUploads;
  readonly #registrations: Registrations;
  readonly #leftovers: Leftovers;

  constructor(options: AwsStoreOptions) {
    this.#options = options;
    const { services, config } = options;
    const {
      bucketName: bucket,
      imageFormat,
      imageImportTimeoutSeconds,
    } = config.options as AwsOptions;
    this.format = imageFormat;
    this.#leftovers = new Leftovers({ ...options, ...services, bucket, provider: config.name });
    this.#imports = new ImageImports({
      ...{ ...options, ...services, bucket, leftovers: this.#leftovers },
      timeoutSeconds: imageImportTimeoutSeconds,
    });
    this.#blocks = new BlockUploads({ ...options, blocks: services.blocks });
    this.#registrations = new Registrations({ ...options, images: services.images });
  }

  async upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { clock, log } = this.#options;
    const { size } = await stat(upload.file);
    const job = imageJob(upload, this.format, size);
    const error = (): Error =>
      new CloudError(
        'NP_CLOUD_TRANSIENT',
        `image ${job.name}: not uploaded within ${UPLOAD_SECONDS} s`,
        { labels: ['retryable'] },
      );
    return orTakeBack(
      {
        ...{ clock, log, subject: 'part of a failed upload', about: { image: job.name } },
        takeBack: (inner) => this.#takeBack(job, inner),
      },
      () =>
        withDeadline({ clock, ms: UPLOAD_SECONDS * 1000, signal, error }, (inner) =>
          this.#upload(job, inner),
        ),
    );
  }

  delete(externalId: string, signal: AbortSignal): Promise<void> {
    return this.#leftovers.delete(externalId, signal);
  }

  /** Beside images what uploads have left, each with the tags of its upload. */
  list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    return this.#leftovers.list(signal);
  }

  async #upload(job: ImageJob, signal: AbortSignal): Promise<string> {
    const id = await this.#made(job, signal);
    job.made.add(id);
    await this.#registrations.untilAvailable(id, signal);
    return id;
  }

  async #made(job: ImageJob, signal: AbortSignal): Promise<string> {
    switch (job.options.importMethod) {
      case 'image':
        return this.#imports.image(job, signal);
      case 'snapshot':
        return this.#registrations.register(job, await this.#imports.snapshot(job, signal), signal);
      case 'ebs-direct':
        if (job.format !== 'raw')
          throw new CloudError('NP_CLOUD_FATAL', `image ${job.name}: ${job.format} is no disk`, {
            hint: 'import-method ebs-direct needs image-format raw',
          });
        return this.#registrations.register(job, await this.#blocks.upload(job, signal), signal);
    }
  }

  /**
   * By their ids, and by tags what AWS made without telling us. An image comes before its snapshot,
   * which was made first. What one deletion fails at does not keep the others from being tried.
   */
  async #takeBack(job: ImageJob, signal: AbortSignal): Promise<void> {
    const { clock, pollSeconds } = this.#options;
    let ids: readonly string[] = [...job.made].reverse();
    let failure: Error | undefined;
    for (let look = 0; look < MOST_LOOKS; look++) {
      failure = undefined;
      for (const id of ids)
        try {
          await this.#leftovers.delete(id, signal);
        } catch (error) {
          throwIfAborted(signal);
          failure ??= error instanceof Error ? error : new Error(String(error));
        }
      const listed = await this.#leftovers.list(signal);
      ids = listed
        .filter(({ metadata }) => isOfSameUpload(metadata, job.tags))
        .map(({ externalId }) => externalId);
      if (ids.length === 0 && failure === undefined) return;
      await sleep(clock, pollSeconds * 1000, signal);
    }
    throw failure ?? new CloudError('NP_CLOUD_TRANSIENT', `still there: ${ids.join(', ')}`);
  }
}
