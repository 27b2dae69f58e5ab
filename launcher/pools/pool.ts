/**
 * One pool of one provider in this launcher: its registration, what it holds, its view for deciding.
 *
 * The id is new at each start of the process, so what an earlier run declined is looked at again. It
 * stays while the configuration of the pool or its provider changes.
 */
import type { PoolConfig } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import { addQuota, type QuotaGap } from '../../shared/cloud/quota.ts';
import type { Registration } from '../../shared/store/components.ts';
import type { Store } from '../../shared/store/store.ts';
import type { FreeNode, LabelView, PoolView, RegisteredPool } from '../assignment/pool-view.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { Capacity } from './capacity.ts';

export interface PoolOptions {
  readonly id: string;
  readonly provider: ProviderRuntime;
  readonly config: PoolConfig;
  readonly store: Store;
  /** Unix seconds. */
  readonly nowSeconds: () => number;
  /** Ids of ready nodes that a request of this process is about to take. */
  readonly claimed: Set<string>;
  readonly registration: Registration;
  readonly tenantLimits: () => ReadonlyMap<string, Quota>;
  /** Why it takes nothing new, as a sentence; tell by `drainChanged` when that changes. */
  readonly drained: () => string | undefined;
  /** What requests that are being served will take for a tenant, and no cache counts yet. */
  readonly tenantNeed: (tenant: string) => Quota;
  /** Room is missing for a request that waits; ready nodes may have to go. */
  readonly onStarved: (pool: Pool, gaps: readonly QuotaGap[]) => void;
}

export class Pool {
  readonly id: string;
  readonly capacity: Capacity;
  readonly registration: Registration;
  readonly #store: Store;
  readonly #nowSeconds: () => number;
  readonly #claimed: Set<string>;
  readonly #tenantLimits: () => ReadonlyMap<string, Quota>;
  readonly #tenantNeed: (tenant: string) => Quota;
  readonly #drained: () => string | undefined;
  #provider: ProviderRuntime;
  #config: PoolConfig;
  #inventory: PoolView['inventory'];
  #waiting = 0;
  #isBlocked = false;

  constructor(options: PoolOptions) {
    this.id = options.id;
    this.#provider = options.provider;
    this.#config = options.config;
    this.#store = options.store;
    this.#nowSeconds = options.nowSeconds;
    this.#claimed = options.claimed;
    this.#tenantLimits = options.tenantLimits;
    this.#tenantNeed = options.tenantNeed;
    this.#drained = options.drained;
    this.registration = options.registration;
    this.#inventory = placesOf(options.provider, options.config.name);
    this.capacity = new Capacity({
      provider: options.provider.ledger,
      limits: () => this.#limits(),
      onWaiting: (gaps) => {
        options.onStarved(this, gaps);
      },
    });
  }

  get name(): string {
    return this.#config.name;
  }

  get provider(): ProviderRuntime {
    return this.#provider;
  }

  get config(): PoolConfig {
    return this.#config;
  }

  /** `<provider>-<pool>`, as in the original's names of workers. */
  get key(): string {
    return `${this.#provider.name}-${this.#config.name}`;
  }

  /** Takes a new configuration over; running requests go on with what they began with. */
  reconfigure(provider: ProviderRuntime, config: PoolConfig): void {
    this.#provider = provider;
    this.#config = config;
    this.#inventory = placesOf(provider, config.name);
    this.registration.update({
      priority: config.priority,
      supported_labels: [...config.labels.keys()],
    });
    this.#announce();
    // Limits may have grown.
    this.capacity.changed();
  }

  serves(labels: Iterable<string>): boolean {
    for (const label of labels) if (!this.#config.labels.has(label)) return false;
    return true;
  }

  /** A request waits for quota in this pool; nothing else is taken until it has it. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** It takes nothing new; what it has begun goes on. */
  get isDrained(): boolean {
    return this.#drained() !== undefined;
  }

  /** Tells the others. */
  drainChanged(): void {
    this.#announce();
  }

  /** Marks that a request waits, until the answer is called. */
  beginWaiting(): () => void {
    this.#waiting++;
    this.#announce();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#waiting--;
      this.#announce();
    };
  }

  /** There is no room, and another pool may have some: others need not yield to this one. */
  set isBlocked(value: boolean) {
    if (this.#isBlocked === value) return;
    this.#isBlocked = value;
    this.#announce();
  }

  /** Whether a new request could be taken at all right now. */
  get isOpen(): boolean {
    const { maxConcurrency } = this.#provider.config;
    if (this.isDrained) return false;
    return !this.isWaiting && this.#provider.ledger.launching < maxConcurrency;
  }

  view(registered: readonly RegisteredPool[]): PoolView {
    const now = this.capacity.now;
    return {
      id: this.id,
      provider: this.#provider.name,
      priority: this.#config.priority,
      nowSeconds: this.#nowSeconds(),
      label: (name) => this.#labelView(name),
      registered,
      isWaiting: this.isWaiting,
      drained: this.#drained(),
      launching: this.#provider.ledger.launching,
      maxConcurrency: this.#provider.config.maxConcurrency,
      ...now,
      inventory: this.#inventory,
      freeNodes: (label) => this.#freeNodes(label),
      tenant: (name) => {
        const limits = this.#tenantLimits().get(name);
        if (!limits) return undefined;
        return { limits, used: addQuota(this.#store.usage.ofTenant(name), this.#tenantNeed(name)) };
      },
    };
  }

  #freeNodes(label: string): FreeNode[] {
    const nodes: FreeNode[] = [];
    for (const id of this.#store.usage.freeOfPool(this.#provider.name, this.name, label)) {
      if (this.#claimed.has(id) || this.#store.nodes.isLocked(id)) continue;
      const node = this.#store.nodes.get(id);
      if (node) nodes.push({ id, labels: node.record.type, availabilityZone: node.record.az });
    }
    return nodes;
  }

  #labelView(name: string): LabelView | undefined {
    const label = this.#config.labels.get(name);
    if (!label) return undefined;
    const hasImage =
      label.diskimage === undefined
        ? this.#provider.connection.isLabelReady(label)
        : this.#store.images.newestReady(label.diskimage, this.#provider.name) !== undefined;
    return { ...this.#provider.label(this.name, name), hasImage };
  }

  #limits(): ReturnType<ConstructorParameters<typeof Capacity>[0]['limits']> {
    const { name } = this.#provider;
    return {
      poolLimits: this.#config.limits,
      poolUsed: this.#store.usage.ofPool(name, this.name),
      providerLimits: this.#config.ignoreProviderQuota ? {} : this.#provider.available,
      providerUsed: this.#store.usage.ofProvider(name),
    };
  }

  #announce(): void {
    const isPaused = this.#waiting > 0 || this.#isBlocked || takesNothing(this.#provider);
    const { isDrained } = this;
    this.registration.update({
      paused: isPaused || isDrained,
      state: isDrained ? DRAINING : 'running',
    });
  }
}

/** What a drained pool says in the registry, so that whoever drains sees that it is obeyed. */
export const DRAINING = 'draining';

/** Others need not yield to a pool that takes no requests. */
export function takesNothing(provider: ProviderRuntime): boolean {
  return provider.config.maxConcurrency === 0;
}

function placesOf(provider: ProviderRuntime, pool: string): PoolView['inventory'] {
  const inventory = provider.connection.inventory;
  if (!inventory) return undefined;
  const places = new Map<string, FreeNode[]>();
  for (const [index, slot] of inventory.slots.entries()) {
    if (slot.pool !== pool) continue;
    const place = { id: String(index), labels: slot.labels, availabilityZone: null };
    for (const label of slot.labels) {
      const known = places.get(label);
      if (known) known.push(place);
      else places.set(label, [place]);
    }
  }
  return places;
}
