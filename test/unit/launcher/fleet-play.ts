/** Plays what happens in a world of launchers, and checks after each step what must hold at any moment. */
import assert from 'node:assert/strict';
import type { RequestRecord } from '../../../schemas/records/request.ts';
import type { LaunchEnd } from '../../support/memory-cloud.ts';
import { MemoryFleet, type FleetPlan, type FleetProvider } from '../../support/memory-fleet.ts';
import { LABELS, TENANT, type Step } from './fleet-worlds.ts';

/** A fleet with the requests that were made of it. */
export class Play {
  readonly fleet: MemoryFleet;
  readonly plan: FleetPlan;
  readonly requests: string[] = [];
  readonly #asked = new Map<
    string,
    Pick<RequestRecord, 'node_types' | 'tenant_name' | 'provider'>
  >();
  /** Requests for which a launch has failed: they may be declined by pools that could serve them. */
  readonly unlucky = new Set<string>();
  readonly failed = new Set<string>();
  /** The cloud said that it was full where it was not. */
  wasFull = false;
  /** What takes nothing new (`provider p0`, `launcher host-1`), with the launches that ran by then. */
  readonly drained = new Map<string, ReadonlySet<string>>();

  constructor(fleet: MemoryFleet, plan: FleetPlan) {
    this.fleet = fleet;
    this.plan = plan;
  }

  async step(one: Step): Promise<void> {
    const { fleet, requests } = this;
    switch (one.do) {
      case 'submit': {
        const {
          priority,
          node_types,
          relative_priority,
          provider: wanted,
          tenant_name,
          reuse,
        } = one;
        const fields = { node_types, relative_priority, provider: wanted, tenant_name, reuse };
        const all = Array.from({ length: one.count }, () => fleet.submit(fields, priority));
        for (const id of await Promise.all(all)) {
          requests.push(id);
          this.#asked.set(id, fields);
        }
        break;
      }
      case 'end-launch':
        this.#endLaunch(one.which, one.how);
        break;
      case 'use': {
        const id = this.#choose(one.which, 'fulfilled');
        if (id !== undefined) await fleet.use(id);
        break;
      }
      case 'cancel': {
        const id = requests[one.which % requests.length];
        if (id !== undefined) await fleet.cancel(id);
        break;
      }
      case 'reprioritise': {
        const id = this.#choose(one.which, 'requested');
        const { relative_priority } = one;
        if (id !== undefined) await fleet.change(id, { relative_priority });
        break;
      }
      case 'give-back':
        await fleet.giveBack();
        break;
      case 'drain':
        await this.drain(one);
        break;
      case 'wait':
        await fleet.clock.advance(one.ms);
    }
    await fleet.settle();
    this.check();
  }

  async drain(one: Pick<Extract<Step, { do: 'drain' }>, 'kind' | 'which' | 'isDrained'>) {
    const { kind, which, isDrained } = one;
    const name = `${kind === 'provider' ? 'p' : 'host-'}${which}`;
    const key = `${kind} ${name}`;
    if (isDrained && !this.drained.has(key)) this.drained.set(key, this.#launches(key));
    if (!isDrained) this.drained.delete(key);
    await this.fleet.drain(kind, name, isDrained);
  }

  /** Nobody drains anything any more. */
  async undrain(): Promise<void> {
    for (const one of [...this.drained.keys()]) {
      const [kind, name = ''] = one.split(' ');
      await this.fleet.drain(kind as 'provider', name, false);
    }
    this.drained.clear();
    await this.fleet.settle();
  }

  /** Nothing more is asked for, all launches succeed, and Zuul gives everything back. */
  async loadEnds(): Promise<void> {
    const { fleet } = this;
    for (let round = 0; round < 40; round++) {
      for (const cloud of fleet.clouds.values()) {
        for (const launch of cloud.pending.values()) launch.end('ready');
      }
      await fleet.settle();
      this.check();
      for (const id of this.#inState('fulfilled')) await fleet.use(id);
      await fleet.giveBack();
      await fleet.clock.advance(3000);
      await fleet.settle();
      this.check();
      if (this.#inState('requested', 'pending', 'fulfilled').length === 0) return;
    }
  }

  /** What must hold at any moment. */
  check(): void {
    const { fleet } = this;
    for (const [name, cloud] of fleet.clouds) {
      if (!this.wasFull) assert.deepEqual(cloud.overshoots, [], `more than the cloud ${name} has`);
      const own = this.#provider(name);
      const { limits = {}, foreign = {} } = own;
      const used = fleet.used((node) => node.provider === name);
      for (const [resource, limit] of Object.entries(limits)) {
        const left = limit - ((foreign as Record<string, number>)[resource] ?? 0);
        assert.ok((used[resource] ?? 0) <= Math.max(0, left), `${name}: more ${resource}`);
      }
      for (const [index, { options }] of own.pools.entries()) {
        const inPool = fleet.used((node) => node.provider === name && node.pool === `q${index}`);
        assert.ok((inPool.instances ?? 0) <= Number(options?.['max-servers'] ?? Infinity));
        assert.ok((inPool.cores ?? 0) <= Number(options?.['max-cores'] ?? Infinity));
      }
    }
    if (this.plan.launchers.length === 1) {
      // A free node is charged to nobody, whoever had it before.
      const ofTenant = fleet.used(
        ({ tenant_name, allocated_to }) => tenant_name === TENANT && allocated_to !== null,
      );
      for (const limits of this.plan.tenants ?? []) {
        assert.ok((ofTenant.cores ?? 0) <= Number(limits['max-cores']), 'more than the tenant may');
      }
    }
    for (const id of this.#inState('failed')) this.failed.add(id);
    this.#checkDrains();
  }

  /** Launches under way in a provider, or in all of a launcher. */
  #launches(drained: string): Set<string> {
    const [kind, name = ''] = drained.split(' ');
    const launcher = this.fleet.launchers[Number(name.slice('host-'.length))];
    const own = launcher?.status().providers.map((provider) => provider.name) ?? [];
    const names = kind === 'provider' ? [name] : own;
    return new Set(names.flatMap((one) => [...(this.fleet.clouds.get(one)?.pending.keys() ?? [])]));
  }

  /** What is drained begins nothing, has no unused nodes, and says so. */
  #checkDrains(): void {
    const { fleet } = this;
    for (const [one, before] of this.drained) {
      for (const launch of this.#launches(one)) assert.ok(before.has(launch), `${one} launches`);
    }
    for (const { provider, state, allocated_to } of fleet.nodes().values()) {
      if (!this.drained.has(`provider ${provider ?? ''}`)) continue;
      assert.ok(state !== 'ready' || allocated_to !== null, `${provider ?? ''}: an unused node`);
    }
    for (const [index, launcher] of fleet.launchers.entries()) {
      const { is_draining, providers } = launcher.status();
      assert.equal(is_draining, this.drained.has(`launcher host-${index}`));
      for (const { name, state, pools } of providers) {
        const isDrained = is_draining || this.drained.has(`provider ${name}`);
        assert.equal(state, isDrained ? 'draining' : 'running');
        if (isDrained) assert.ok(pools.every((one) => one.paused));
      }
    }
  }

  /** Requests that wait though nothing but a drain can be why, and nobody says so. */
  unexplained(): string[] {
    return this.#inState('requested').filter((id) => {
      if (!this.canEverBeServed(id) || this.waitsForWhoTakesNothing(id)) return false;
      const codes = this.fleet.launchers.flatMap((launcher) =>
        (launcher.explain(id)?.pools ?? []).flatMap(({ reasons }) =>
          reasons.map(({ code }) => code),
        ),
      );
      return !codes.includes('draining');
    });
  }

  /** Whether a pool could serve the request if it had the world for itself. */
  canEverBeServed(id: string): boolean {
    const record = this.#asked.get(id);
    assert.ok(record);
    const need = record.node_types.map((label) => LABELS[label as keyof typeof LABELS]);
    const instances = need.length;
    const cores = need.reduce((sum, one) => sum + one.cores, 0);
    const tenantLimit = (this.plan.tenants ?? []).map((one) => Number(one['max-cores']));
    if (record.tenant_name === TENANT && tenantLimit.some((limit) => cores > limit)) return false;
    const able = [...this.fleet.clouds.keys()].filter((name) => {
      const { limits = {}, foreign = {}, options, pools } = this.#provider(name);
      if (options?.['max-concurrency'] === 0) return false;
      const left = (resource: string): number =>
        (limits[resource] ?? Infinity) - ((foreign as Record<string, number>)[resource] ?? 0);
      return pools.some(
        (one) =>
          record.node_types.every((label) => one.labels.includes(label)) &&
          instances <=
            Math.min(left('instances'), Number(one.options?.['max-servers'] ?? Infinity)) &&
          cores <= Math.min(left('cores'), Number(one.options?.['max-cores'] ?? Infinity)),
      );
    });
    return able.length > 0;
  }

  /**
   * A provider with the labels takes nothing for the time being. The request may wait for it if it was
   * asked for by name, or if the others have declined after failed launches.
   */
  waitsForWhoTakesNothing(id: string): boolean {
    const record = this.#asked.get(id);
    assert.ok(record);
    return [...this.fleet.clouds.keys()].some((name) => {
      const { options, pools } = this.#provider(name);
      const hasLabels = pools.some((one) =>
        record.node_types.every((label) => one.labels.includes(label)),
      );
      const isWanted = record.provider === name || this.unlucky.has(id);
      return options?.['max-concurrency'] === 0 && hasLabels && isWanted;
    });
  }

  /** Nodes of drained providers that are not in use, when everything has come to rest. */
  inTheMaking(): string[] {
    return [...this.fleet.nodes()].flatMap(([id, { provider, state }]) =>
      this.drained.has(`provider ${provider ?? ''}`) ? [`${id} ${state}`] : [],
    );
  }

  left(): string[] {
    return this.#inState('requested', 'pending', 'fulfilled');
  }

  #provider(name: string): FleetProvider {
    const found = this.plan.launchers.flat()[Number(name.slice(1))];
    assert.ok(found);
    return found;
  }

  #endLaunch(which: number, how: LaunchEnd): void {
    const launches = [...this.fleet.clouds.values()].flatMap((one) => [...one.pending.values()]);
    const launch = launches[which % launches.length];
    if (!launch) return;
    // One that fails in a drained provider is no reason to decline.
    if (how === 'failed' && !this.#isDrained(launch.node)) this.unlucky.add(launch.request);
    if (how === 'full') this.wasFull = true;
    launch.end(how);
  }

  #isDrained(node: string): boolean {
    return [...this.drained.keys()].some((one) => this.#launches(one).has(node));
  }

  #choose(which: number, state: string): string | undefined {
    const some = this.#inState(state);
    return some[which % some.length];
  }

  #inState(...states: string[]): string[] {
    return this.requests.filter((id) => states.includes(this.fleet.request(id)?.state ?? ''));
  }
}

export async function play(plan: FleetPlan, steps: readonly Step[]): Promise<Play> {
  const one = new Play(await MemoryFleet.start(plan), plan);
  for (const next of steps) await one.step(next);
  return one;
}
