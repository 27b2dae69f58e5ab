/**
 * Who waits for a slot, and the backing nodes that are on their way for them.
 *
 *   waiting -> promised -> placed      (written, together with a proof that the slot was free)
 *      ^----------+                    (another launcher was quicker)
 *      +-> failed                      (the backing node that it had counted on cannot be had)
 *
 * A slot that falls free is given to those who wait, too, not only the slots of nodes that were asked
 * for. Nothing here is remembered beyond the process: `backing.ts` reads everything anew.
 */
import { CloudError, hasCode, NodepoolError } from '../../base/errors.ts';
import { abortReason, onAbort } from '../../base/wait.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { MetastaticLabelOptions } from '../../../schemas/config/drivers/metastatic.ts';
import type { Borrowing, BorrowOrder } from '../driver.ts';
import { newBackingData, type Backing, type Place } from './backing.ts';
import { freeSlot, ordersWanted, waitingFor } from './plan.ts';

export interface Waiting {
  readonly nodeId: string;
  readonly label: PoolLabel;
}

interface Waiter extends Waiting {
  readonly resolve: (place: Place) => void;
  readonly reject: (error: Error) => void;
}

/** What waits for the slots of one label, and what comes for them. */
interface Queue {
  readonly options: MetastaticLabelOptions;
  readonly waiters: Waiter[];
  /** Oldest first. */
  readonly orders: BorrowOrder[];
}

export interface AllocatorOptions {
  readonly borrowing: Borrowing;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asks for a `turn`, soon. */
  readonly onChange: () => void;
}

export class Allocator {
  readonly #options: AllocatorOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #promised = new Map<string, Place>();
  /** Nodes that wait or are promised a slot. */
  readonly #moving = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: AllocatorOptions) {
    this.#options = options;
  }

  /** Slots that are given but not written yet, by node. */
  get promised(): ReadonlyMap<string, Place> {
    return this.#promised;
  }

  isMoving(nodeId: string): boolean {
    return this.#moving.has(nodeId);
  }

  /**
   * Resolves with a slot, which is kept until `settle`. `isFirst`: it had one already and lost it, so
   * it goes before all others.
   */
  place(waiting: Waiting, signal: AbortSignal, isFirst: boolean): Promise<Place> {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    const queue = this.#queueOf(waiting.label);
    this.#moving.add(waiting.nodeId);
    return new Promise<Place>((resolve, reject) => {
      const waiter: Waiter = {
        ...waiting,
        resolve: (place) => {
          forget();
          this.#promised.set(waiting.nodeId, place);
          resolve(place);
        },
        reject: (error) => {
          forget();
          this.#moving.delete(waiting.nodeId);
          reject(error);
        },
      };
      if (isFirst) queue.waiters.unshift(waiter);
      else queue.waiters.push(waiter);
      const forget = onAbort(signal, () => {
        take(queue.waiters, waiter);
        this.#moving.delete(waiting.nodeId);
        reject(abortReason(signal));
        this.#options.onChange();
      });
      this.#options.onChange();
    });
  }

  /** The slot is written, or given up. */
  settle(nodeId: string): void {
    this.#promised.delete(nodeId);
    this.#moving.delete(nodeId);
    this.#options.onChange();
  }

  /** Gives out what is free of these, and sees that enough is on its way. */
  turn(backings: ReadonlyMap<string, Backing>): void {
    for (const [name, queue] of this.#queues) {
      this.#giveOut(name, queue, backings);
      this.#order(name, queue);
      if (queue.waiters.length === 0 && queue.orders.length === 0) this.#queues.delete(name);
    }
  }

  /** Ends all orders, whatever has been done for them. */
  close(): void {
    this.#closing.abort(new NodepoolError('NP_ABORTED', 'the provider is closed'));
  }

  #queueOf(label: PoolLabel): Queue {
    let queue = this.#queues.get(label.name);
    if (!queue) {
      queue = { options: label.options as MetastaticLabelOptions, waiters: [], orders: [] };
      this.#queues.set(label.name, queue);
    }
    return queue;
  }

  #giveOut(label: string, queue: Queue, backings: ReadonlyMap<string, Backing>): void {
    const nowSeconds = this.#options.clock.now() / 1000;
    for (let next = queue.waiters[0]; next; next = queue.waiters[0]) {
      const wanted = { label, terms: queue.options, nowSeconds };
      const place = freeSlot(backings.values(), wanted);
      const slots = place && backings.get(place.backing)?.slots;
      if (!slots) return;
      slots[place.slot] = next.nodeId;
      queue.waiters.shift();
      next.resolve(place);
    }
  }

  #order(label: string, queue: Queue): void {
    const wanted = ordersWanted(queue.waiters.length, queue.options.maxParallelJobs);
    for (const order of queue.orders.slice(wanted)) order.takeBack();
    while (queue.orders.length < wanted && !this.#closing.signal.aborted) {
      this.#place(label, queue);
    }
  }

  #place(label: string, queue: Queue): void {
    const { borrowing, clock, log, onChange } = this.#options;
    const { backingLabel, maxParallelJobs } = queue.options;
    const data = newBackingData(label, maxParallelJobs, clock.now() / 1000);
    const order = borrowing.borrow({ label: backingLabel, data }, this.#closing.signal);
    queue.orders.push(order);
    log.info('backing node asked for', { label, backing_label: backingLabel });
    order.node
      .then(
        () => {
          take(queue.orders, order);
        },
        (error: unknown) => {
          this.#failed(label, queue, order, error);
        },
      )
      .finally(onChange);
  }

  #failed(label: string, queue: Queue, order: BorrowOrder, cause: unknown): void {
    const number = queue.orders.indexOf(order);
    const affected = waitingFor(queue.waiters, number, queue.options.maxParallelJobs);
    take(queue.orders, order);
    const { signal } = this.#closing;
    if (!signal.aborted && hasCode(cause, 'NP_ABORTED')) return;
    const message = 'backing node cannot be had';
    const error = signal.aborted
      ? abortReason(signal)
      : new CloudError('NP_CLOUD_TRANSIENT', `${message} for label ${label}`, {
          labels: ['retryable'],
          cause,
        });
    if (!signal.aborted) this.#options.log.warn(message, { label, error: cause });
    for (const waiter of affected) {
      take(queue.waiters, waiter);
      waiter.reject(error);
    }
  }
}

function take<T>(list: T[], one: T): void {
  const index = list.indexOf(one);
  if (index >= 0) list.splice(index, 1);
}
