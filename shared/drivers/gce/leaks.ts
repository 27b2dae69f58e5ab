/** What can outlive its node at Google: instances. Their disks go with them. */
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget, LeakableResource, LeakCollector } from '../driver.ts';
import { metadataOf } from './ids.ts';
import type { InstanceList } from './instance-list.ts';

export interface LeaksOptions {
  readonly deletions: { run(target: DeleteTarget, signal: AbortSignal): Promise<void> };
  readonly listing: SharedListing<InstanceList>;
}

/** The original's name, which is a part of metrics. */
const KIND = 'instances';

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;

  constructor(options: LeaksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const list = await this.#options.listing.next(signal);
    return [...list.values()].map((instance) => ({
      kind: KIND,
      id: instance.name,
      externalId: instance.name,
      metadata: metadataOf(instance),
    }));
  }

  async delete({ id }: LeakableResource, signal: AbortSignal): Promise<void> {
    await this.#options.deletions.run({ externalId: id, nodeId: '', driverData: null }, signal);
  }
}
