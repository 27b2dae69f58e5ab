/** Dedicated hosts: each is allocated for one instance, and there is nothing else on it. */
import type { AllocateHostsCommandInput, Host } from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { Creations } from '../../cloud/creations.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { LaunchSpec } from '../driver.ts';
import type { Compute } from './client/compute.ts';
import { creationsAtOnce } from './creation.ts';
import type { HostList } from './instance-list.ts';
import { hostRequest } from './instance-request.ts';

export interface HostsOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly callsPerSecond: number;
  readonly hosts: SharedListing<HostList>;
}

/** A host that AWS has never shown after so long is not going to be. */
const UNKNOWN_MS = 120_000;

export class Hosts {
  readonly #options: HostsOptions;
  readonly #creations: Creations<LaunchSpec, AllocateHostsCommandInput>;

  constructor(options: HostsOptions) {
    const { compute, clock, log, random, callsPerSecond } = options;
    this.#options = options;
    this.#creations = new Creations({
      ...{ clock, log, random, atOnce: creationsAtOnce(callsPerSecond) },
      steps: {
        make: (request, token, signal) =>
          compute.allocateHost({ ...request, ClientToken: token }, signal),
        unmake: (id, signal) => compute.releaseHosts([id], signal),
      },
    });
  }

  /** Resolves with the id of the launch's host; a second call for a launch with the same. */
  allocate(spec: LaunchSpec, signal: AbortSignal): Promise<string> {
    return this.#creations.create(spec, hostRequest(spec), signal);
  }

  /** Resolves when an instance can be started on it. */
  async untilAvailable(id: string, signal: AbortSignal): Promise<void> {
    const { hosts, clock } = this.#options;
    const sinceMs = clock.monotonic();
    let wasShown = false;
    await hosts.until((list) => {
      const host = list.get(id);
      if (host !== undefined) wasShown = true;
      // The listing may not know of it yet.
      else if (wasShown || clock.monotonic() - sinceMs >= UNKNOWN_MS)
        throw failedHostError(id, 'it was released by somebody else');
      return isAvailable(id, host) || undefined;
    }, signal);
  }

  /** The node is gone, and its hosts with it. */
  forget(nodeId: string): void {
    this.#creations.forget(nodeId);
  }

  close(): void {
    this.#creations.close();
  }
}

function isAvailable(id: string, host: Host | undefined): boolean {
  switch (host?.State) {
    case 'permanent-failure':
    case 'released':
    case 'released-permanent-failure':
      throw failedHostError(id, `it is in state ${host.State}`);
    default:
      return host?.State === 'available';
  }
}

function failedHostError(id: string, reason: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `dedicated host ${id}: ${reason}`, {
    labels: ['retryable'],
  });
}
