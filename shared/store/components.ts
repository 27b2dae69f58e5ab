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
  #written: { path: string; session: SessionHandle; text: string } | undefined;
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
    const written = this.#written;
    if (!written || written.session !== this.#client.session) return;
    try {
      await this.#client.delete(written.path);
    } catch (error) {
      this.#log.debug('component could not be removed; it ends with the session', {
        path: written.path,
        error,
      });
    }
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
      if (this.#written?.session === session) {
        if (this.#written.text === text) return;
        await this.#client.set(this.#written.path, data);
        this.#written = { ...this.#written, text };
      } else {
        const prefix = `${componentRoot(this.#record.kind)}/${this.#record.hostname}`;
        const made = await this.#client.create(prefix, data, { mode: 'ephemeralSequential' });
        this.#written = { path: made.path, session, text };
      }
    } catch (error) {
      this.#written = undefined;
      this.#log.debug('component not written yet', { error: messageOf(error) });
      this.#schedule(RETRY_MS);
    }
  }
}
