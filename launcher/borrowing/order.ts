/**
 * One request of ours for a node that a driver wants to launch nodes on, from its submission until
 * the node is kept.
 *
 *   requested -> (served by somebody) -> fulfilled -> kept
 *       |              +-> failed
 *       +-> taken back, while nobody serves it
 *
 * The request ends with our session: what a crash leaves is an unlocked ready node whose request is
 * gone, which becomes everybody's. Priority and order of steps follow
 * nodepool/driver/metastatic/adapter.py; here the last steps are one transaction.
 */
import { randomUUID } from 'node:crypto';

import { newRequest } from '../../schemas/records/request.ts';
import { CloudError, NodepoolError } from '../../shared/base/errors.ts';
import { throwIfAborted, withDeadline } from '../../shared/base/wait.ts';
import type { BorrowOrder, BorrowWish } from '../../shared/drivers/driver.ts';
import { keepNode } from '../../shared/store/keep-node.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import { encodeOwnerData } from '../../shared/store/user-data.ts';
import { seconds, toState, type Context } from '../context.ts';
import { untilKnown } from './until-known.ts';

const PRIORITY = '100';
/** For locking a node that was given to us; the original's limit. */
const KEEP_DEADLINE_MS = 30_000;

export class Order implements BorrowOrder {
  readonly node: Promise<string>;
  readonly #context: Context;
  readonly #owner: string;
  readonly #wish: BorrowWish;
  readonly #signal: AbortSignal;
  #id: string | undefined;
  #isUnwanted = false;

  constructor(
    context: Context,
    options: { readonly owner: string; readonly wish: BorrowWish; readonly signal: AbortSignal },
  ) {
    this.#context = context;
    this.#owner = options.owner;
    this.#wish = options.wish;
    this.#signal = options.signal;
    this.node = this.#run();
  }

  takeBack(): void {
    this.#isUnwanted = true;
    const request = this.#request();
    if (request?.record.state !== 'requested') return;
    // Somebody may be just about to serve it; then its change is seen, and this is tried again.
    this.#context.supervise(
      'take a request back',
      this.#context.store.requests.deleteIfUnchanged(request),
    );
  }

  async #run(): Promise<string> {
    const { store } = this.#context;
    throwIfAborted(this.#signal);
    const id = await store.requests.submitEphemeral(PRIORITY, this.#record());
    this.#id = id;
    try {
      const node = await untilKnown(store, { request: id, signal: this.#signal }, () =>
        this.#answer(id),
      );
      await this.#keep(id, node);
      return node;
    } finally {
      // Where it was not kept: whatever was made for it is given up.
      if (this.#request()) this.#context.supervise('delete a request', store.requests.delete(id));
    }
  }

  #record(): Parameters<typeof newRequest>[0] & ReturnType<typeof newRequest> {
    return newRequest(
      {
        node_types: [this.#wish.label],
        requestor: this.#owner,
        event_id: randomUUID().replaceAll('-', ''),
      },
      seconds(this.#context.clock),
    );
  }

  #request(): StoredRequest | undefined {
    return this.#id === undefined ? undefined : this.#context.store.requests.get(this.#id);
  }

  /** The id of the node that the request was given, when there is one. */
  #answer(id: string): string | undefined {
    const request = this.#request();
    const { label } = this.#wish;
    if (!request) {
      if (!this.#context.store.isCurrent) return undefined;
      if (this.#isUnwanted) throw new NodepoolError('NP_ABORTED', `request ${id} was taken back`);
      throw new CloudError('NP_CLOUD_TRANSIENT', `request ${id} for a ${label} node is gone`);
    }
    const { state, nodes } = request.record;
    if (state === 'failed') {
      throw new CloudError('NP_CLOUD_CAPACITY', `nobody can make a ${label} node (request ${id})`, {
        labels: ['capacity'],
      });
    }
    if (state === 'requested' && this.#isUnwanted) this.takeBack();
    return state === 'fulfilled' ? nodes[0] : undefined;
  }

  /** Ends when the node is ours and everybody here sees it so. */
  async #keep(request: string, id: string): Promise<void> {
    const { store, clock } = this.#context;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `node ${id} of request ${request} could not be locked`);
    const limits = { clock, ms: KEEP_DEADLINE_MS, signal: this.#signal, error };
    await withDeadline(limits, async (signal) => {
      const what = { request, node: id, signal };
      for (;;) {
        const node = await untilKnown(store, what, () => this.#takable(request, id));
        const patch = {
          ...toState(clock, 'in-use'),
          user_data: encodeOwnerData(this.#owner, this.#wish.data),
        };
        if (await keepNode(store, { node, request, owner: this.#owner, patch })) break;
        throwIfAborted(signal);
        // The cache will tell what was different.
        await store.nodes.cache.tree.caughtUp(signal);
      }
      await untilKnown(
        store,
        what,
        () => store.loans.get(id) ?? (store.nodes.get(id) ? undefined : id),
      );
    });
    this.#context.log.info('node borrowed', { node: id, request, owner: this.#owner });
  }

  #takable(request: string, id: string): StoredNode | undefined {
    const { nodes, requests } = this.#context.store;
    const node = nodes.get(id);
    if (!requests.get(request)) {
      throw new CloudError('NP_CLOUD_TRANSIENT', `request ${request} is gone`);
    }
    const isOurs = node?.record.state === 'ready' && node.record.allocated_to === request;
    return isOurs && !nodes.isLocked(id) && !nodes.cache.tree.isBehind(node.path)
      ? node
      : undefined;
  }
}
