/**
 * Node requests: the cache, those that wait in the order of service, and locking.
 *
 * Locks are not below the request but in `/nodepool/requests-lock/<id>`, whose znode stays behind and
 * is removed by the upkeep.
 */
import { requestSchema, type RequestRecord } from '../../schemas/records/request.ts';
import type { Logger } from '../base/log.ts';
import { isBadVersion, isNoNode } from '../zookeeper/errors.ts';
import { Lock } from '../zookeeper/lock.ts';
import { TreeCache } from '../zookeeper/tree-cache.ts';
import type { CallOptions, ZooKeeper } from '../zookeeper/types.ts';
import type { Owned } from './owned.ts';
import { parseRequestId, requestLockPath, requestPath, REQUESTS, REQUEST_LOCKS } from './paths.ts';
import { RecordCache, type Stored } from './record-cache.ts';
import { take } from './take.ts';
import { WaitingRequests } from './waiting.ts';

export type StoredRequest = Stored<RequestRecord>;
export type OwnedRequest = Owned<RequestRecord>;

export class RequestStore {
  readonly cache: RecordCache<RequestRecord>;
  /** Requests in state `requested`, in the order of service. */
  readonly waiting = new WaitingRequests();
  readonly #client: ZooKeeper;

  constructor(client: ZooKeeper, log: Logger) {
    this.#client = client;
    const isRecord = (path: string): boolean => path.lastIndexOf('/') === REQUESTS.length;
    this.cache = new RecordCache({
      tree: new TreeCache({
        client,
        root: REQUESTS,
        classify: (relative) => (relative.includes('/') ? 'skip' : 'data'),
        expectedChildren: () => [],
        log,
      }),
      schema: requestSchema,
      isRecord,
      log,
    });
    this.cache.onChange((change) => {
      this.waiting.replace(change.before, change.after);
    });
  }

  get(id: string): StoredRequest | undefined {
    return this.cache.get(id);
  }

  /**
   * Locks a request and changes it in one step, if nobody has the lock and the record is still the one
   * that we know. Undefined: locked by somebody else, gone, or changed in the meantime (the cache will
   * tell).
   */
  take(
    stored: StoredRequest,
    patch: Partial<RequestRecord>,
    options: CallOptions = {},
  ): Promise<OwnedRequest | undefined> {
    const lock = new Lock(this.#client, requestLockPath(stored.id));
    return take(this.cache, lock, stored, { patch, options: { ...options, createParents: true } });
  }

  /** Makes a request as a requestor does, ending with our session. Answers its id. */
  async submitEphemeral(
    priority: string,
    record: RequestRecord,
    options: CallOptions = {},
  ): Promise<string> {
    const data = this.cache.encode(record);
    const prefix = `${REQUESTS}/${priority}-`;
    const created = await this.cache.tree.write(
      { createdUnder: [REQUESTS] },
      () => this.#client.create(prefix, data, { ...options, mode: 'ephemeralSequential' }),
      (made) => [{ path: made.path, data, stat: made.stat }],
    );
    return created.path.slice(REQUESTS.length + 1);
  }

  /** The requestor's own delete. Fine if it is gone. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    try {
      await this.cache.tree.write(
        { paths: [requestPath(id)] },
        () => this.#client.delete(requestPath(id), -1, options),
        () => [{ path: requestPath(id), isDeleted: true }],
      );
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  /** The requestor's own delete, if the request is still as it is here. False: it is not. */
  async deleteIfUnchanged(stored: StoredRequest, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.cache.tree.write(
        { paths: [stored.path] },
        () => this.#client.delete(stored.path, stored.version, options),
        () => [{ path: stored.path, isDeleted: true }],
      );
      return true;
    } catch (error) {
      if (isNoNode(error) || isBadVersion(error)) return false;
      throw error;
    }
  }

  /** Ids below the locks' root, with the age of each by the server's clock (ms since 1970). */
  async lockIds(options: CallOptions = {}): Promise<string[]> {
    try {
      const { children } = await this.#client.children(REQUEST_LOCKS, options);
      return children.filter((id) => parseRequestId(id) !== undefined);
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }
}
