/**
 * Floating IPs: made before the machine, as the quota of them is small, and given to it when it runs,
 * since IBM takes no machine before that.
 */
import { CloudError, hasCode } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { failureError } from './client/errors.ts';
import type { Attachment } from './client/floating-ips.ts';
import type { FloatingIp } from './client/model.ts';
import type { AddressList } from './machine-list.ts';
import type { RunningMachine } from './made.ts';

export interface AddressesOptions {
  readonly floatingIps: {
    attach(attachment: Attachment, signal: AbortSignal): Promise<FloatingIp>;
  };
  readonly listing: SharedListing<AddressList>;
}

/** Gives a machine the address and resolves when it has it. `made`: as it was when it was made. */
export async function giveAddress(
  { floatingIps, listing }: AddressesOptions,
  made: FloatingIp,
  machine: RunningMachine,
  signal: AbortSignal,
): Promise<FloatingIp> {
  const { id: cardId } = machine.card;
  if (!isReady(made)) await listing.until(readyIn(made), signal);
  const attachment = { instanceId: machine.id, cardId, id: made.id };
  const given = await floatingIps.attach(attachment, signal).catch((error: unknown) => {
    throw hasCode(error, 'NP_CLOUD_NOT_FOUND') ? goneError(made) : error;
  });
  if (given.targetId === cardId) return given;
  const look = readyIn(made);
  return listing.until((list) => {
    const shown = look(list);
    return shown?.targetId === cardId ? shown : undefined;
  }, signal);
}

/** What of a listing is the address, once it is ready. */
function readyIn(made: FloatingIp): (list: AddressList) => FloatingIp | undefined {
  let isShown = false;
  return (list) => {
    const shown = list.get(made.id);
    // A listing may lag behind: only what was shown can have gone.
    if (shown === undefined && !isShown) return undefined;
    isShown = true;
    if (shown === undefined || shown.status === 'deleting') throw goneError(made);
    if (shown.status === 'failed') throw failureError(`floating IP ${made.name} has failed`, []);
    return isReady(shown) ? shown : undefined;
  };
}

function isReady({ status }: FloatingIp): boolean {
  return status === 'available';
}

function goneError({ name }: FloatingIp): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `floating IP ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
