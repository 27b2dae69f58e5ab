/** Whether the hosts of a static provider answer, as its launcher asks them. */
import pLimit from 'p-limit';

import type { Inventory, InventorySlot } from '../../../drivers/driver.ts';
import type { Finding } from '../model.ts';

const AT_ONCE = 50;

export async function hostFindings(
  provider: string,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Finding[]> {
  const limit = pLimit(AT_ONCE);
  // All places of a host are one host.
  const hosts = inventory.slots.filter(({ slot }) => slot === 0);
  const findings = await Promise.all(
    hosts.map((slot) => limit(() => hostFinding(provider, slot, inventory, signal))),
  );
  return findings.flat();
}

async function hostFinding(
  provider: string,
  slot: InventorySlot,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Finding[]> {
  const result = await inventory.check(slot, signal);
  if (result.ok) return [];
  return [
    {
      ...{ severity: 'warning', code: 'host-silent' },
      object: `host ${slot.name}:${slot.connectionPort} of provider ${provider}`,
      seen: result.reason,
      remedy:
        'start the host or its sshd, correct its keys (host-key), or take it out: it is not lent meanwhile',
    },
  ];
}
