/** A static provider over the given `nodes` of one pool, on the real clock. */
import { systemClock } from '../../shared/base/clock.ts';
import { silentLogger, type Logger } from '../../shared/base/log.ts';
import type { HostCheck, Inventory, InventorySlot, Provider } from '../../shared/drivers/driver.ts';
import { loadDriver } from '../../shared/drivers/registry.ts';
import { providerConfig } from './provider-config.ts';

export interface StaticSubject {
  readonly provider: Provider;
  readonly inventory: Inventory;
  /** The slot at that place of `inventory.slots`. */
  readonly slot: (index: number) => InventorySlot;
  readonly check: (index: number) => Promise<HostCheck>;
  readonly isAlive: (index: number) => Promise<boolean>;
}

/** `nodes`: a YAML list, indented by four blanks or more. */
export async function connectStatic(
  nodes: string,
  log: Logger = silentLogger,
): Promise<StaticSubject> {
  const config = providerConfig(`
name: static-provider
driver: static
pools:
- name: main
  node-attributes: {rack: 7}
  nodes: ${nodes}
`);
  const driver = await loadDriver(config);
  const env = {
    clock: systemClock,
    random: Math.random,
    log,
    environment: {},
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const { signal } = new AbortController();
  const provider = await driver.connect(config, env, signal);
  const { inventory } = provider;
  if (inventory === undefined) throw new Error('no inventory');
  const slot = (index: number): InventorySlot => {
    const found = inventory.slots[index];
    if (found === undefined) throw new Error(`no slot ${index}`);
    return found;
  };
  return {
    provider,
    inventory,
    slot,
    check: (index) => inventory.check(slot(index), signal),
    isAlive: (index) => inventory.isAlive(slot(index), signal),
  };
}
