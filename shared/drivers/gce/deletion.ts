/**
 * The end of an instance; its disk goes with it:
 *
 *   whose is it? -> delete -> listings until none shows it
 *     -> where Google takes no order, or the instance stays: again, after a while
 */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { LookUps } from '../../cloud/look-ups.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget } from '../driver.ts';
import type { GceInstance, Instances } from './client/instances.ts';
import { isInstanceName, isOwnedBy, metadataOf, type Owner } from './ids.ts';
import type { InstanceList } from './instance-list.ts';

export interface DeletionsOptions {
  readonly provider: string;
  readonly instances: Pick<Instances, 'delete'>;
  readonly listing: SharedListing<InstanceList>;
  readonly lookUps: LookUps<GceInstance>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Until an order that Google did not take is given again. */
const BUSY_MS = 10_000;
/** Until an instance that does not go is asked for again. */
const STAYING_MS = 300_000;

export class Deletions {
  readonly #options: DeletionsOptions;
  /** As listed last. */
  #known: InstanceList = new Map();

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** Learns from a listing whose the instances are. */
  learn(instances: InstanceList): void {
    this.#known = instances;
  }

  async run({ externalId: name, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!isInstanceName(name)) return;
    const { provider, lookUps, log } = this.#options;
    const instance = this.#known.get(name) ?? (await lookUps.get(name, signal));
    if (instance === undefined) return;
    const owner = { provider, nodeId: nodeId || (metadataOf(instance).nodepool_node_id ?? '') };
    if (isOwnedBy(instance, owner)) await this.#delete(name, owner, signal);
    // Made by somebody else, whom our launch ran into.
    else log.warn('instance not deleted: it is not of this node', { instance: name, ...owner });
  }

  /** A listing that lags behind may not show it yet: only what was shown can have gone. */
  async #delete(name: string, owner: Owner, signal: AbortSignal): Promise<void> {
    const { instances, listing, lookUps, clock } = this.#options;
    let isShown = this.#known.has(name);
    for (;;) {
      const deletion = await instances.delete(name, randomUUID(), signal);
      if (deletion === 'none') return;
      const againMs = clock.monotonic() + (deletion === 'busy' ? BUSY_MS : STAYING_MS);
      const outcome = await listing.until(async (list) => {
        const shown = list.get(name);
        if (shown !== undefined && isOwnedBy(shown, owner)) isShown = true;
        else if (isShown || (await lookUps.get(name, signal)) === undefined) return 'gone';
        return clock.monotonic() >= againMs ? 'again' : undefined;
      }, signal);
      if (outcome === 'gone') return;
    }
  }
}
