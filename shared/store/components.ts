/**
 * Who is online: the registry of launchers, builders and pools, and our own entries in it.
 *
 * An entry is ephemeral. After a session is lost it is registered again under a new path, with the
 * same content. Every Nodepool process makes sure that the three roots exist.
 */
import {
  componentKinds,
  componentSchema,
  type ComponentKind,
  type ComponentRecord,
} from '../../schemas/records/component.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { sleep } from '../base/wait.ts';
import { isNoNode } from '../zookeeper/errors.ts';
import { TreeCache } from '../zookeeper/tree-cache.ts';
import type { SessionHandle, ZooKeeper } from '../zookeeper/types.ts';
import { encodeSorted } from './codec.ts';
import { COMPONENTS, componentRoot } from './paths.ts';
import { RecordCache, type Stored } from './record-cache.ts';

/** Changes of an entry are collected for so long, since a pool may pause and go on at once. */
const SETTLE_MS = 50;

/** Between two tries to write an entry. */
const RETRY_MS = 1000;

export class ComponentStore {
  readonly cache: RecordCache<ComponentRecord>;
  readonly #client: ZooKeeper;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(client: ZooKeeper, clock: Clock, log: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    const depth = (path: string): number => path.split('/').length;
    this.cache = new RecordCache({
      tree: new TreeCache({
        client,
        root: COMPONENTS,
        classify: (relative) => (relative.includes('/') ? 'data' : 'presence'),
        expectedChildren: (relative) => (relative.includes('/') ? [] : undefined),
        log,
      }),
      schema: componentSchema,
      isRecord: (path) => depth(path) === 5,
      keyOf: (path) => path.slice(COMPONENTS.length + 1),
      log,
    });
  }

  /** All entries of one kind. */
  ofKind(kind: ComponentKind): Stored<ComponentRecord>[] {
    return [...this.cache.values()].filter((one) => one.record.kind === kind);
  }

  async ensureRoots(signal: AbortSignal): Promise<void> {
    for (const kind of componentKinds) {
      await this.#client.ensurePath(componentRoot(kind), { signal });
    }
  }

  /** Registers a component; it stays until `remove()`, over sessions. */
  register(record: ComponentRecord): Registration {
    return new Registration(this.#client, this.#clock, this.#log, record);
  }
}

export class Registration {
  readonly #client: ZooKeeper;
  readonly #clock: Clock;
  readonly #log: Logger;
  #record: ComponentRecord;
  /** Text undefined: it is not known what is there now. */
  #written: { path: string; session: SessionHandle; text: string | undefined } | undefined;
  /** The session in which an entry may have been made whose path we were not told. */
  #doubtful: SessionHandle | undefined;
  #isRemoved = false;
  #work: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  readonly #stopListening: () => void;

  constructor(client: ZooKeeper, clock: Clock, log: Logger, record: ComponentRecord) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#record = record;
    this.#stopListening = client.onState((state) => {
      if (state === 'connected') this.#schedule(0);
    });
    this.#schedule(0);
  }

  get record(): ComponentRecord {
    return this.#record;
  }

  /** Changes the entry soon; nothing is written where nothing changes. */
  update(patch: Partial<ComponentRecord>): void {
    this.#record = { ...this.#record, ...patch };
    this.#schedule(SETTLE_MS);
  }

  /** Takes the entry out of the registry at once. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#stopListening();
    this.#cancelTimer?.();
    await this.#work;
    const { session } = this.#client;
    if (!session) return;
    try {
      await this.#removeOnce(session);
    } catch (error) {
      this.#log.debug('component could not be removed yet', { error: messageOf(error) });
      void this.#removeForSure(session);
    }
  }

  async #removeOnce(session: SessionHandle): Promise<void> {
    const written = this.#written?.session === session ? this.#written : undefined;
    const path = written?.path ?? (await this.#findDoubtful(session));
    if (path !== undefined) await this.#client.delete(path);
  }

  /** Whoever removes does not wait for a connection; the entry must not outlive it all the same. */
  async #removeForSure(session: SessionHandle): Promise<void> {
    for (;;) {
      try {
        await sleep(this.#clock, RETRY_MS, session.signal);
        await this.#removeOnce(session);
        return;
      } catch (error) {
        if (session.signal.aborted || isNoNode(error)) return;
      }
    }
  }

  /** Our entry of this session, if there is one that we were not told of. */
  async #findDoubtful(session: SessionHandle): Promise<string | undefined> {
    if (this.#doubtful !== session) return undefined;
    const root = componentRoot(this.#record.kind);
    await this.#client.sync(root);
    const { children } = await this.#client.children(root);
    for (const name of children) {
      if (!name.startsWith(this.#record.hostname)) continue;
      const path = `${root}/${name}`;
      const found = await this.#client.get(path).catch((error: unknown) => {
        if (isNoNode(error)) return undefined;
        throw error;
      });
      if (found?.stat.ephemeralOwner !== session.id) continue;
      const { id } = JSON.parse(found.data.toString()) as { id?: string };
      // A launcher has no id, but it is the only one of its session.
      if (id === this.#record.id) return path;
    }
    return undefined;
  }

  #schedule(delayMs: number): void {
    if (this.#isRemoved || this.#cancelTimer) return;
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#work = this.#work.then(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    const session = this.#client.session;
    if (this.#isRemoved || !session || this.#client.state !== 'connected') return;
    const data = encodeSorted(this.#record);
    const text = data.toString();
    try {
      const path = await this.#findDoubtful(session);
      if (path !== undefined) this.#written = { path, session, text: undefined };
      this.#doubtful = undefined;
      if (this.#written?.session === session) {
        if (this.#written.text === text) return;
        this.#written = { ...this.#written, text: undefined };
        await this.#client.set(this.#written.path, data);
        this.#written = { ...this.#written, text };
      } else {
        const prefix = `${componentRoot(this.#record.kind)}/${this.#record.hostname}`;
        this.#doubtful = session;
        const made = await this.#client.create(prefix, data, { mode: 'ephemeralSequential' });
        this.#doubtful = undefined;
        this.#written = { path: made.path, session, text };
      }
    } catch (error) {
      // Made anew only where it is not there: two entries of one pool would both be asked.
      if (isNoNode(error)) this.#written = undefined;
      this.#log.debug('component not written yet', { error: messageOf(error) });
      this.#schedule(RETRY_MS);
    }
  }
}
