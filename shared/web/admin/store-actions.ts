/** Actions of operators, on the records in ZooKeeper; what they mean is that of the commands. */
import type { Clock } from '../../base/clock.ts';
import {
  orderBuild,
  pauseImage,
  unpauseImage,
  type KnownImages,
} from '../../store/orders/builds.ts';
import {
  holdNode,
  LEAVING_STATES,
  orderNodeDeletion,
  type NodeOrderOutcome,
} from '../../store/orders/nodes.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { ActionResult, Actions } from './actions.ts';

export interface StoreActionsOptions {
  readonly client: ZooKeeper;
  readonly clock: Clock;
  /** Of the configuration as of now. */
  readonly diskimages: () => KnownImages;
}

export function storeActions({ client, clock, diskimages }: StoreActionsOptions): Actions {
  return {
    holdNode: async (id, comment, signal) => {
      const options = { client, clock, signal, comment, refusedStates: LEAVING_STATES };
      return sayNode(id, await holdNode(id, options), 'is held');
    },
    deleteNode: async (id, signal) =>
      sayNode(id, await orderNodeDeletion(id, { client, clock, signal }), 'will be deleted'),
    pauseImage: async (name, signal) =>
      (await pauseImage(client, name, { signal })) === 'done'
        ? done(`image ${name} is paused`)
        : unknown(`image ${name}: ZooKeeper knows none of that name`),
    unpauseImage: async (name, signal) =>
      (await unpauseImage(client, name, { signal })) === 'done'
        ? done(`image ${name} is not paused any more`)
        : conflict(`image ${name} is not paused`),
    buildImage: async (name, signal) => {
      const outcome = await orderBuild(client, name, diskimages(), { signal });
      if (outcome.kind === 'done') {
        const after = outcome.isPaused ? ' as soon as its pause is over' : '';
        return done(`image ${name} will be built${after}`);
      }
      return outcome.kind === 'not-found'
        ? unknown(`image ${name}: the configuration has none of that name`)
        : conflict(`image ${name} is paused by the configuration`);
    },
  };
}

function sayNode(id: string, outcome: NodeOrderOutcome, whatIs: string): ActionResult {
  switch (outcome.kind) {
    case 'done':
      return done(`node ${id} ${whatIs}`);
    case 'not-found':
      return unknown(`there is no node ${id}`);
    case 'held': {
      const holder = outcome.holder === undefined ? '' : ` by ${outcome.holder}`;
      return conflict(`node ${id} is locked${holder}`);
    }
    case 'wrong-state':
      return conflict(`node ${id} is ${outcome.state}`);
  }
}

function done(message: string): ActionResult {
  return { status: 200, message };
}

function unknown(message: string): ActionResult {
  return { status: 404, message };
}

function conflict(message: string): ActionResult {
  return { status: 409, message };
}
