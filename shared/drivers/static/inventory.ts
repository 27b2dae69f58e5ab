/**
 * The hosts of a static provider and the questions that are put to them.
 *
 * A host is known by name, username and port. A name that contains `fake` is no real host (its key
 * scan is answered without asking), so it is not looked up either.
 * Facts: nodepool/driver/static/provider.py and nodepool/nodeutils.py.
 */
import type { PoolConfig } from '../../../schemas/config/model.ts';
import type { StaticNode, StaticPoolOptions } from '../../../schemas/config/drivers/static.ts';
import type { Clock } from '../../base/clock.ts';
import { InvariantError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted, withDeadline } from '../../base/wait.ts';
import type { KeyScanner } from '../../cloud/key-scan.ts';
import { SharedCalls } from '../../cloud/shared-calls.ts';
import type { HostCheck, Inventory, InventorySlot } from '../driver.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface InventoryOptions {
  readonly pools: readonly PoolConfig[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly scanner: KeyScanner;
  /** The first address of a name. */
  readonly lookup: (name: string) => Promise<Address>;
}

/** For the lookup of a name, which no signal can end. */
const LOOKUP_MS = 10_000;

export class StaticInventory implements Inventory {
  readonly slots: readonly InventorySlot[];
  readonly #options: InventoryOptions;
  readonly #hosts = new Map<string, StaticNode>();
  /** A host of many slots is scanned once for all that are checked at the same time. */
  readonly #scans = new SharedCalls<readonly string[]>();

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.slots = options.pools.flatMap((pool) => this.#slotsOf(pool));
  }

  /** Why a host is not well comes as a value; only an abort rejects. */
  async check(slot: InventorySlot, signal: AbortSignal): Promise<HostCheck> {
    throwIfAborted(signal);
    try {
      const hostKeys = await this.#scans.run(identityOf(slot), signal, (inner) =>
        this.#keysOf(this.#hostOf(slot), inner),
      );
      return { ok: true, hostKeys, ...(await this.#addressesOf(slot.name, signal)) };
    } catch (error) {
      throwIfAborted(signal);
      return { ok: false, reason: messageOf(error) };
    }
  }

  async isAlive(slot: InventorySlot, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    if (!slot.hostKeyChecking) return true;
    try {
      await this.#scan(this.#hostOf(slot), signal, 'port-only');
      return true;
    } catch (error) {
      throwIfAborted(signal);
      this.#options.log.warn('Static host does not answer', {
        host: slot.name,
        port: slot.connectionPort,
        error: messageOf(error),
      });
      return false;
    }
  }

  #slotsOf(pool: PoolConfig): InventorySlot[] {
    const { nodes } = pool.options as StaticPoolOptions;
    return nodes.flatMap((host) => {
      const identity = identityOf(host);
      if (this.#hosts.has(identity)) {
        this.#options.log.warn('Static host is configured twice; only the first entry counts', {
          pool: pool.name,
          host: host.name,
        });
        return [];
      }
      this.#hosts.set(identity, host);
      return Array.from({ length: host.maxParallelJobs }, (_, slot) => slotOf(pool, host, slot));
    });
  }

  #hostOf(slot: InventorySlot): StaticNode {
    const host = this.#hosts.get(identityOf(slot));
    if (host === undefined) throw new InvariantError(`no static host ${slot.name}`);
    return host;
  }

  /** Without checking, the configured keys are taken unseen. */
  async #keysOf(host: StaticNode, signal: AbortSignal): Promise<readonly string[]> {
    const hasKeys = showsKeys(host);
    if (hasKeys && !host.hostKeyChecking) return host.hostKeys;
    const keys = await this.#scan(host, signal, host.connectionType);
    const missing = hasKeys ? host.hostKeys.filter((key) => !keys.includes(key)) : [];
    if (missing.length === 0) return keys;
    throw new Error(
      `host key mismatch: configured ${missing.join(', ')}; the host shows ${keys.join(', ')}`,
    );
  }

  #scan(host: StaticNode, signal: AbortSignal, connectionType: string): Promise<string[]> {
    return this.#options.scanner.scan({
      host: host.name,
      port: host.connectionPort,
      connectionType,
      bootTimeoutSeconds: host.timeoutSeconds,
      signal,
    });
  }

  async #addressesOf(
    name: string,
    signal: AbortSignal,
  ): Promise<{ publicIpv4: string | null; publicIpv6: string | null }> {
    if (name.includes('fake')) return { publicIpv4: null, publicIpv6: null };
    const { lookup, clock } = this.#options;
    const error = (): Error => new Error(`no address of ${name} within ${LOOKUP_MS} ms`);
    const found = await withDeadline({ clock, ms: LOOKUP_MS, signal, error }, () => lookup(name));
    return {
      publicIpv4: found.family === 4 ? found.address : null,
      publicIpv6: found.family === 6 ? found.address : null,
    };
  }
}

function showsKeys({ connectionType }: StaticNode): boolean {
  return connectionType === 'ssh' || connectionType === 'network_cli';
}

function identityOf(host: Pick<StaticNode, 'name' | 'username' | 'connectionPort'>): string {
  return JSON.stringify([host.name, host.username, host.connectionPort]);
}

function slotOf(pool: PoolConfig, host: StaticNode, slot: number): InventorySlot {
  return {
    pool: pool.name,
    name: host.name,
    slot,
    labels: host.labels,
    username: host.username,
    connectionPort: host.connectionPort,
    connectionType: host.connectionType,
    shellType: host.shellType ?? null,
    pythonPath: host.pythonPath,
    hostKeyChecking: host.hostKeyChecking,
    hostKeys: showsKeys(host) ? host.hostKeys : [],
    attributes: pool.nodeAttributes ?? null,
  };
}
