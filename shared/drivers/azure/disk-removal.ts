/** The end of a disk that belongs to no machine. */
import type { Disk } from '@azure/arm-compute';

import { throwIfAborted } from '../../base/wait.ts';

/** What asks Azure. What is gone is no error. */
export interface DiskRemovals {
  revoke(name: string, signal: AbortSignal): Promise<unknown>;
  delete(name: string, signal: AbortSignal): Promise<unknown>;
}

/** Azure keeps a disk to which somebody may write. `undefined`: there is none, or it is not known. */
export async function removeDisk(
  disks: DiskRemovals,
  disk: Disk | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (disk?.name === undefined) return;
  const { name } = disk;
  if (hasAccess(disk)) await endAccess(disks, name, signal);
  try {
    await disks.delete(name, signal);
  } catch {
    throwIfAborted(signal);
    // An access that was asked for may have come only now.
    await endAccess(disks, name, signal);
    await disks.delete(name, signal);
  }
}

/** Azure looks at what was written then, and says so where it is no disk: that is no matter here. */
async function endAccess(disks: DiskRemovals, name: string, signal: AbortSignal): Promise<void> {
  try {
    await disks.revoke(name, signal);
  } catch {
    throwIfAborted(signal);
  }
}

/** `ReadyToUpload` is before, `Unattached` after it. */
function hasAccess({ diskState = '' }: Disk): boolean {
  return diskState.startsWith('Active');
}
