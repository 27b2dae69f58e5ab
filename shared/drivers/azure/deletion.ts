/**
 * The end of a machine and of what came with it:
 *
 *   whose is it? -> machine -> listings until none shows it
 *     -> where it had not been made whole: what stayed of interface, public addresses and disk, each
 *        until it is gone
 *
 * Azure deletes the rest with the machine, but not where the creation failed half-way. Should it leave
 * something of a whole one, that is found as leaks are: looking for it after each machine would cost
 * more calls than the machine itself.
 */
import type { VirtualMachine } from '@azure/arm-compute';

import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget } from '../driver.ts';
import type { Machines } from './client/machines.ts';
import { isMachineName, isOwnedBy, type Owner } from './ids.ts';
import { clearAway, type Leavings, type Rest } from './leavings.ts';
import type { LookUps } from './look-up.ts';
import type { MachineList } from './machine-list.ts';

export interface DeletionsOptions {
  readonly provider: string;
  readonly machines: Machines;
  readonly listing: SharedListing<MachineList>;
  readonly lookUps: LookUps;
  /** In the order in which they go. */
  readonly leavings: readonly Leavings[];
  readonly clock: Clock;
  readonly log: Logger;
}

export class Deletions {
  readonly #options: DeletionsOptions;
  /** As listed last. */
  #known: MachineList = new Map();
  /** Kinds of leavings of which was said that we may not do with them what we want. */
  readonly #refused = new Set<string>();

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** Learns from a listing whose the machines are. */
  learn(machines: MachineList): void {
    this.#known = machines;
  }

  async run({ externalId: name, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!isMachineName(name)) return;
    const { provider, lookUps, clock, log } = this.#options;
    const machine = this.#known.get(name) ?? (await lookUps.get(name, signal));
    const owner = { provider, nodeId: nodeId || (machine?.tags?.nodepool_node_id ?? '') };
    if (machine !== undefined && !isOwnedBy(machine.tags, owner)) {
      // Made by somebody else, whom our launch ran into.
      log.warn('machine not deleted: it is not of this node', { machine: name, ...owner });
      return;
    }
    if (machine !== undefined) await this.#deleteMachine(machine, owner, signal);
    if (owner.nodeId === '') return;
    if (machine?.provisioningState === 'Succeeded') return;
    await this.#clearAway({ machine: name, owner, clock }, signal);
  }

  /** A listing that lags behind may not show it yet: only what was shown can have gone. */
  async #deleteMachine(machine: VirtualMachine, owner: Owner, signal: AbortSignal): Promise<void> {
    const { machines, listing, lookUps } = this.#options;
    const { name = '' } = machine;
    if (!(await machines.delete(name, signal))) return;
    let isShown = this.#known.has(name);
    await listing.until(async (list) => {
      const shown = list.get(name);
      if (shown !== undefined && isOwnedBy(shown.tags, owner)) {
        isShown = true;
        return undefined;
      }
      return isShown || (await lookUps.get(name, signal)) === undefined ? true : undefined;
    }, signal);
  }

  /** What the service principal may not see, or not delete, is left: the machine is what counts. */
  async #clearAway(rest: Rest, signal: AbortSignal): Promise<void> {
    const { leavings, log } = this.#options;
    const kept = new Set<string>();
    for (const leaving of leavings) {
      const { kind, usedBy } = leaving;
      if (usedBy !== undefined && kept.has(usedBy)) continue;
      try {
        await clearAway(leaving, rest, signal);
      } catch (error) {
        if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
        kept.add(kind);
        if (!this.#refused.has(kind))
          log.warn(`${kind} that stay behind are not cleared away`, { kind, error });
        this.#refused.add(kind);
      }
    }
  }
}
