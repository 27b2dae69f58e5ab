/** Makes AMIs of snapshots. */
import type {
  ArchitectureValues,
  Image,
  RegisterImageCommandInput,
  VolumeType,
} from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode, hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted, withDeadline } from '../../base/wait.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { Images } from './client/images.ts';
import { tagList, tagRecord } from './client/tags.ts';
import type { ImageJob } from './image-job.ts';
import { isOfSameUpload } from './image-names.ts';

/** An AMI of a snapshot that is complete takes seconds. */
const AVAILABLE_SECONDS = 1800;
/** Of a registration whose answers get lost. */
const TRIES = 5;
const ROOT_DEVICE = '/dev/sda1';

export interface RegistrationsOptions {
  readonly images: Images;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds between two listings. */
  readonly pollSeconds: number;
}

export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #listing: SharedListing<ReadonlyMap<string, Image>>;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
    const { clock, pollSeconds, images } = options;
    const list = async (signal: AbortSignal): Promise<ReadonlyMap<string, Image>> => {
      const own = await images.own(signal);
      return new Map(own.map((image) => [image.ImageId ?? '', image]));
    };
    this.#listing = new SharedListing({ clock, pollSeconds, list });
  }

  /** Resolves with the AMI's id. */
  async register(job: ImageJob, snapshotId: string, signal: AbortSignal): Promise<string> {
    const { images, clock, pollSeconds } = this.#options;
    const request = registerRequest(job, snapshotId);
    // AWS takes no token here, but it takes each name once: after an answer that was lost a second
    // try tells by its refusal whether the first one worked.
    let isInDoubt = false;
    for (let tries = 1; ; tries++) {
      try {
        return await images.register(request, signal);
      } catch (error) {
        throwIfAborted(signal);
        isInDoubt ||= hasLabel(error, 'ambiguous');
        if (!isInDoubt) throw error;
        const found = await this.#find(job, signal);
        if (found !== undefined) return found;
        if (tries >= TRIES) throw error;
        await sleep(clock, pollSeconds * 1000, signal);
      }
    }
  }

  /** Resolves when instances can be made of it. */
  async untilAvailable(id: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const ms = AVAILABLE_SECONDS * 1000;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `${id} is not available after ${AVAILABLE_SECONDS} s`, {
        labels: ['retryable'],
      });
    try {
      await withDeadline({ clock, ms, signal, error }, (inner) =>
        this.#listing.until((images) => isAvailable(id, images.get(id)), inner),
      );
    } catch (refusal) {
      throwIfAborted(signal);
      if (!hasCode(refusal, 'NP_CLOUD_FATAL')) throw refusal;
      // Whoever may not look has an image nevertheless.
      log.warn('whether an AMI is available cannot be seen', { image: id, error: refusal });
    }
  }

  async #find(job: ImageJob, signal: AbortSignal): Promise<string | undefined> {
    const filter = [{ Name: 'name', Values: [job.name] }];
    const found = await this.#options.images.find(filter, signal);
    return found.find(
      ({ Name, Tags }) => Name === job.name && isOfSameUpload(tagRecord(Tags), job.tags),
    )?.ImageId;
  }
}

/** @throws CloudError if it never will be. Undefined: not yet, or not shown yet. */
function isAvailable(id: string, image: Image | undefined): true | undefined {
  if (image === undefined || image.State === 'pending' || image.State === 'transient')
    return undefined;
  if (image.State === 'available') return true;
  const reason = image.StateReason?.Message ?? 'AWS gives no reason';
  throw new CloudError('NP_CLOUD_TRANSIENT', `${id} is ${image.State ?? 'gone'}: ${reason}`, {
    labels: ['retryable'],
  });
}

/** Without a size the volume is as large as the snapshot. Pure. */
export function registerRequest(job: ImageJob, snapshotId: string): RegisterImageCommandInput {
  const { architecture, enaSupport, imdsSupport, iops, throughput, volumeSize, volumeType } =
    job.options;
  return {
    Name: job.name,
    Architecture: architecture as ArchitectureValues,
    VirtualizationType: 'hvm',
    EnaSupport: enaSupport,
    RootDeviceName: ROOT_DEVICE,
    BlockDeviceMappings: [
      {
        DeviceName: ROOT_DEVICE,
        Ebs: {
          DeleteOnTermination: true,
          SnapshotId: snapshotId,
          VolumeType: volumeType as VolumeType,
          // As the original: 0 is none.
          ...(volumeSize && { VolumeSize: volumeSize }),
          ...(iops && { Iops: iops }),
          ...(throughput && { Throughput: throughput }),
        },
      },
    ],
    TagSpecifications: [{ ResourceType: 'image', Tags: tagList(job.tags) }],
    ...(imdsSupport === 'v2.0' && { ImdsSupport: 'v2.0' }),
  };
}
