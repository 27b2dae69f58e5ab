/**
 * A deployment in full swing, to change launchers under: nodes in use, held, ready, half-made and
 * given back while nobody looks, requests in each state, static hosts. `open` brings it about with
 * one launcher, `settle` goes on with the next one and looks at what became of each.
 *
 * Servers of both launchers' fake clouds live in their own processes, so each finds the other's
 * servers gone: to delete one that does not exist must count as done.
 */
import assert from 'node:assert/strict';
import type { RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider } from '../../support/launcher-scene.ts';
import type { LauncherKind, LauncherSite } from '../../support/launcher-site.ts';
import type { InUse, ZnodeRecord } from '../../support/zuul-side.ts';

/**
 * Standby nodes, and places of static hosts. Python's launcher makes one standby node too many where it
 * looks while a request of its own is just being answered.
 */
const STANDBY = 2;
const PLACES = 3;

export const POOLS = 4;
export const SLOW_PROVIDER = 'slow';

/** What Python's launcher does each second, or each 60, takes it some time. */
const PATIENCE_MS = 60_000;

export interface ShopOptions {
  /** The launcher that opens the shop. Servers of `slow` never become active while it runs. */
  readonly first: LauncherKind;
  readonly host: RunningSshServer;
  /** After so many seconds it gives up a server of `slow`. Default: the original's, an hour. */
  readonly slowTimeoutSeconds?: number | undefined;
}

/** Sections of a `nodepool.yaml`. */
export function sections(options: ShopOptions): Record<string, unknown> {
  const { first, host, slowTimeoutSeconds } = options;
  const machine = (name: string, fields: ZnodeRecord = {}): ZnodeRecord => ({
    ...{ name, labels: ['metal'], username: 'zuul', timeout: 5 },
    ...{ 'connection-port': host.port, 'host-key': host.hostKeys[0], ...fields },
  });
  const nodes = [machine('127.0.0.2', { 'max-parallel-jobs': 2 }), machine('127.0.0.3')];
  const base = config({
    providers: [
      // Full with two in use, one held, one that waits for Zuul and one that is given back.
      fakeProvider({ labels: ['small'], pool: { 'max-servers': 5 } }),
      fakeProvider({ name: 'stock', labels: ['standby'] }),
      fakeProvider({
        ...{ name: SLOW_PROVIDER, labels: ['slow'] },
        provider: slowTimeoutSeconds === undefined ? {} : { 'launch-timeout': slowTimeoutSeconds },
      }),
      { name: 'rack', driver: 'static', pools: [{ name: 'main', nodes }] },
    ],
    minReady: { standby: STANDBY },
    faults: first === 'ours' ? { providers: { slow: { 'fail-create': { mode: 'hang' } } } } : {},
  });
  return { ...base, extensions: { ...(base.extensions as object), 'stop-grace': 1 } };
}

/** A node as it is, to see later whether anybody has touched it. */
interface Snapshot {
  readonly record: ZnodeRecord | undefined;
  readonly version: number;
}

export class Shop {
  readonly #site: LauncherSite;
  /** Every node that was handed out, in order. */
  readonly #handedOut: string[] = [];
  readonly #using = new Map<string, InUse>();
  #untouched = new Map<string, Snapshot>();
  #hosts = new Map<string, unknown>();
  #toServe: { readonly accepted: string; readonly waiting: readonly string[] } | undefined;
  #slow: { readonly kept: string; readonly canceled: string; readonly nodes: readonly string[] } = {
    kept: '',
    canceled: '',
    nodes: [],
  };
  #returned: readonly string[] = [];
  #metals = '';

  constructor(site: LauncherSite) {
    this.#site = site;
  }

  /** Brings the deployment about with the launcher that runs. */
  async open(): Promise<void> {
    const { zuul } = this.#site;
    await eventually(() => this.#untilStocked(), PATIENCE_MS);
    await this.#serve('pair', await zuul.submit(['small', 'small']));
    await this.#serve('metal', await zuul.submit(['metal']));
    await this.#serve('returned', await zuul.submit(['small']));
    await this.#hold();
    const accepted = await zuul.submit(['small']);
    await zuul.untilState(accepted, 'fulfilled', PATIENCE_MS);
    const waiting = [await zuul.submit(['small']), await zuul.submit(['small', 'small'])];
    this.#toServe = { accepted, waiting };
    this.#metals = await zuul.submit(['metal', 'metal', 'metal']);
    await this.#beginSlow();
    this.#returned = await this.#nodesOf((node) => node.user_data === 'returned');
  }

  /** What happens while no launcher runs: a job ends, another is canceled. */
  async whileClosed(): Promise<void> {
    await this.#giveBack('returned');
    await this.#site.zuul.cancel(this.#slow.canceled);
    await this.#takeSnapshots();
  }

  /** Goes on with the launcher that runs now, until all requests have been served. */
  async settle(): Promise<void> {
    const { zuul } = this.#site;
    const { accepted, waiting } = this.#toServe ?? { accepted: '', waiting: [] };
    await zuul.untilGone([...this.#returned, ...this.#slow.nodes], PATIENCE_MS);
    await this.#serve('kept', this.#slow.kept);
    await this.#serve('accepted', accepted);
    assert.deepEqual(await this.#snapshotsNow(), this.#untouched, 'nodes that nobody may touch');
    assert.equal(this.#hosts.size, PLACES);
    assert.deepEqual(await this.#places(), this.#hosts, 'hosts that are registered');
    await this.#giveBack('pair');
    // Which comes first is open where the lock of the first one outlives the launcher.
    for (const [index, id] of waiting.entries()) await this.#serve(`waiting ${index}`, id);
    await this.#giveBack('metal');
    await this.#serve('metals', this.#metals);
  }

  /** All jobs end; what is left is the stock. */
  async close(): Promise<void> {
    for (const name of [...this.#using.keys()]) await this.#giveBack(name);
    await this.#releaseHeld();
    await eventually(() => this.#untilStocked(), PATIENCE_MS);
    assert.equal(new Set(this.#handedOut).size, this.#handedOut.length, 'handed out twice');
  }

  /** Nothing but standby nodes and hosts, free and unlocked, one for each place. */
  async #untilStocked(): Promise<void> {
    const { zuul } = this.#site;
    const nodes = [...(await zuul.nodes()).values()];
    const standby = nodes.filter(({ provider }) => provider === 'stock').length;
    assert.ok(standby >= STANDBY, `${standby} standby nodes`);
    const found = nodes.map((node) => [
      node.provider,
      node.hostname,
      node.slot,
      node.state,
      node.allocated_to,
    ]);
    assert.deepEqual(found.map(String).toSorted(), stockOf(standby));
    assert.deepEqual(await zuul.requestIds(), []);
    assert.deepEqual(await zuul.heldLocks(), []);
  }

  /** Waits until a request is fulfilled, and uses its nodes. */
  async #serve(name: string, request: string): Promise<void> {
    const { zuul } = this.#site;
    const record = await zuul.untilState(request, 'fulfilled', PATIENCE_MS);
    const ids = record.nodes as string[];
    assert.equal(ids.length, (record.node_types as string[]).length);
    this.#using.set(name, await zuul.use(request, ids));
    for (const id of ids) await zuul.change(id, { user_data: name });
    this.#handedOut.push(...ids);
  }

  async #giveBack(name: string): Promise<void> {
    await this.#using.get(name)?.giveBack();
    this.#using.delete(name);
  }

  async #hold(): Promise<void> {
    const { zuul } = this.#site;
    await this.#serve('held', await zuul.submit(['small']));
    for (const id of await this.#nodesOf((node) => node.user_data === 'held'))
      await zuul.change(id, { state: 'hold', hold_job: 'tenant project job ref', comment: 'look' });
    await this.#using.get('held')?.abandon();
    this.#using.delete('held');
  }

  async #releaseHeld(): Promise<void> {
    const { zuul } = this.#site;
    for (const id of await this.#nodesOf((node) => node.state === 'hold')) {
      const lock = await zuul.lock(id);
      await zuul.change(id, { state: 'used' });
      await lock.release();
    }
  }

  async #beginSlow(): Promise<void> {
    const { zuul } = this.#site;
    const kept = await zuul.submit(['slow']);
    const canceled = await zuul.submit(['slow']);
    let nodes: string[] = [];
    await eventually(async () => {
      nodes = await this.#nodesOf(
        (node) => node.state === 'building' && node.provider === SLOW_PROVIDER,
      );
      assert.equal(nodes.length, 2);
      for (const id of [kept, canceled])
        assert.equal((await zuul.request(id))?.state, 'pending', id);
    }, PATIENCE_MS);
    this.#slow = { kept, canceled, nodes };
  }

  async #nodesOf(chosen: (node: ZnodeRecord) => boolean): Promise<string[]> {
    const nodes = [...(await this.#site.zuul.nodes())];
    return nodes.filter(([, node]) => chosen(node)).map(([id]) => id);
  }

  async #takeSnapshots(): Promise<void> {
    const ids = await this.#nodesOf(
      (node) => node.state === 'hold' || node.state === 'in-use' || node.provider === 'stock',
    );
    const standby = await this.#nodesOf((node) => node.provider === 'stock');
    // Two in use and one held, one host in use, the standby nodes.
    assert.equal(ids.length, 4 + standby.length);
    this.#untouched = new Map();
    for (const id of ids) this.#untouched.set(id, await this.#look(id));
    this.#hosts = await this.#places();
  }

  /** Slots of the hosts by their nodes' ids: a host that is registered anew has a new one. */
  async #places(): Promise<Map<string, unknown>> {
    const nodes = [...(await this.#site.zuul.nodes())];
    const hosts = nodes.filter(([, node]) => node.provider === 'rack');
    return new Map(
      hosts.map(([id, node]) => [id, `${String(node.hostname)} ${String(node.slot)}`]),
    );
  }

  async #snapshotsNow(): Promise<Map<string, Snapshot>> {
    const now = new Map<string, Snapshot>();
    for (const id of this.#untouched.keys()) now.set(id, await this.#look(id));
    return now;
  }

  async #look(id: string): Promise<Snapshot> {
    const record = await this.#site.zuul.node(id);
    const stat = await this.#site.client.exists(`/nodepool/nodes/${id}`);
    return { record, version: stat?.version ?? -1 };
  }
}

/** Provider, host, slot, state and request of each node of the stock. */
function stockOf(standby: number): string[] {
  return [
    ...Array.from({ length: standby }, () => ['stock', null, null, 'ready', null]),
    ['rack', '127.0.0.2', 0, 'ready', null],
    ['rack', '127.0.0.2', 1, 'ready', null],
    ['rack', '127.0.0.3', 0, 'ready', null],
  ]
    .map(String)
    .toSorted();
}
