/**
 * Zuul's side of a request, step by step, for tests that look between the steps: ask, read, lock, use,
 * give back. Reads go straight to ZooKeeper and records are taken as they are, so that nothing of the
 * launcher's caches or schemas hides a mistake of it. `fixtures/zuul/requestor.ts` plays the whole.
 *
 * What is written, and in which order, follows zuul/zk/nodepool.py.
 */
import assert from 'node:assert/strict';
import { isNoNode } from '../../shared/zookeeper/errors.ts';
import { Lock, type HeldLock } from '../../shared/zookeeper/lock.ts';
import type { ZooKeeper } from '../../shared/zookeeper/types.ts';
import { eventually } from './eventually.ts';

export type ZnodeRecord = Readonly<Record<string, unknown>>;

/** Nodes that Zuul has locked and set in use. */
export interface InUse {
  /** Sets them used and unlocks them. */
  giveBack(): Promise<void>;
  /** Unlocks them as they are: the executor died. */
  abandon(): Promise<void>;
}

export const TENANT = 'tenant-one';
export const SYSTEM_ID = 'zuul-system-id';

const REQUESTS = '/nodepool/requests';
const REQUEST_LOCKS = '/nodepool/requests-lock';
const NODES = '/nodepool/nodes';

export class ZuulSide {
  readonly client: ZooKeeper;

  constructor(client: ZooKeeper) {
    this.client = client;
  }

  /** Writes exactly the keys that Zuul 14 writes. Answers the request's id. */
  async submit(
    labels: readonly string[],
    fields: ZnodeRecord = {},
    priority = '200',
  ): Promise<string> {
    const now = Date.now() / 1000;
    const record = {
      requestor_data: { tenant_name: TENANT, job_name: 'unit', span_info: null },
      node_types: labels,
      requestor: SYSTEM_ID,
      created_time: now,
      provider: null,
      state: 'requested',
      state_time: now,
      relative_priority: 0,
      event_id: 'e1e1',
      tenant_name: TENANT,
      ...fields,
    };
    await this.client.ensurePath(REQUESTS);
    const data = Buffer.from(JSON.stringify(record));
    const made = await this.client.create(`${REQUESTS}/${priority}-`, data, {
      mode: 'persistentSequential',
    });
    return made.path.slice(REQUESTS.length + 1);
  }

  /** Undefined: there is none. */
  request(id: string): Promise<ZnodeRecord | undefined> {
    return this.#read(`${REQUESTS}/${id}`);
  }

  node(id: string): Promise<ZnodeRecord | undefined> {
    return this.#read(`${NODES}/${id}`);
  }

  async requestIds(): Promise<string[]> {
    return (await this.#children(REQUESTS)).toSorted();
  }

  async nodeIds(): Promise<string[]> {
    return (await this.#children(NODES)).toSorted();
  }

  /** All nodes that have a record, by id. */
  async nodes(): Promise<Map<string, ZnodeRecord>> {
    const nodes = new Map<string, ZnodeRecord>();
    for (const id of await this.nodeIds()) {
      const record = await this.node(id);
      if (record) nodes.set(id, record);
    }
    return nodes;
  }

  /** The records of everybody who is registered as one kind. */
  async components(kind: 'launcher' | 'pool'): Promise<ZnodeRecord[]> {
    const root = `/nodepool/components/${kind}`;
    const records = await Promise.all(
      (await this.#children(root)).map((name) => this.#read(`${root}/${name}`)),
    );
    return records.filter((record) => record !== undefined);
  }

  /** Waits until the request has the state, and answers its record. */
  async untilState(id: string, state: string, timeoutMs?: number): Promise<ZnodeRecord> {
    let last: ZnodeRecord | undefined;
    await eventually(async () => {
      last = await this.request(id);
      assert.equal(last?.state, state, `request ${id}: ${JSON.stringify(last)}`);
    }, timeoutMs);
    assert.ok(last);
    return last;
  }

  /** Asks and waits; answers the ids of the nodes. */
  async ask(labels: readonly string[], fields: ZnodeRecord = {}): Promise<Asked> {
    const id = await this.submit(labels, fields);
    const record = await this.untilState(id, 'fulfilled');
    return { id, record, nodes: record.nodes as string[] };
  }

  /** As Zuul takes what it was given: owner checked, locked, request deleted, set in use. */
  async use(request: string, ids: readonly string[]): Promise<InUse> {
    const locks: HeldLock[] = [];
    for (const id of ids) {
      assert.equal((await this.node(id))?.allocated_to, request, `node ${id} is not ours`);
      locks.push(await this.lock(id));
    }
    await this.cancel(request);
    for (const id of ids) await this.change(id, { state: 'in-use' });
    const abandon = async (): Promise<void> => {
      await Promise.all(locks.map((lock) => lock.release()));
    };
    return {
      abandon,
      giveBack: async () => {
        for (const id of ids) await this.change(id, { state: 'used' });
        await abandon();
      },
    };
  }

  /** Locks a node at once; a node that somebody else has locked fails the test. */
  async lock(id: string): Promise<HeldLock> {
    const held = await this.tryLock(id);
    assert.ok(held, `node ${id} is locked by somebody else`);
    return held;
  }

  /** Undefined: somebody else has it locked. */
  async tryLock(id: string): Promise<HeldLock | undefined> {
    const lock = new Lock(this.client, `${NODES}/${id}/lock`, { identifier: 'zuul' });
    return (await lock.tryAcquire())?.held;
  }

  /** Writes the whole record, as Zuul does. */
  async change(id: string, fields: ZnodeRecord): Promise<void> {
    const record = { ...(await this.node(id)), ...fields, state_time: Date.now() / 1000 };
    await this.client.set(`${NODES}/${id}`, Buffer.from(JSON.stringify(record)));
  }

  /** Deletes the request, in whatever state. */
  async cancel(id: string): Promise<void> {
    try {
      await this.client.delete(`${REQUESTS}/${id}`);
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  async untilGone(ids: readonly string[], timeoutMs?: number): Promise<void> {
    await eventually(async () => {
      const left = new Set(await this.nodeIds());
      assert.deepEqual(
        ids.filter((id) => left.has(id)),
        [],
        'nodes that should be gone',
      );
    }, timeoutMs);
  }

  /** Paths of all lock children, of nodes and of requests. */
  async heldLocks(): Promise<string[]> {
    const parents = [
      ...(await this.nodeIds()).map((id) => `${NODES}/${id}/lock`),
      ...(await this.#children(REQUEST_LOCKS)).map((id) => `${REQUEST_LOCKS}/${id}`),
    ];
    const found = await Promise.all(
      parents.map(async (parent) =>
        (await this.#children(parent)).map((child) => `${parent}/${child}`),
      ),
    );
    return found.flat();
  }

  async #read(path: string): Promise<ZnodeRecord | undefined> {
    try {
      const { data } = await this.client.get(path);
      return data.length === 0 ? undefined : (JSON.parse(data.toString()) as ZnodeRecord);
    } catch (error) {
      if (isNoNode(error)) return undefined;
      throw error;
    }
  }

  async #children(path: string): Promise<readonly string[]> {
    try {
      return (await this.client.children(path)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }
}

/** A request that was answered. */
export interface Asked {
  readonly id: string;
  readonly record: ZnodeRecord;
  readonly nodes: readonly string[];
}
