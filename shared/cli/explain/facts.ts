/**
 * What ZooKeeper tells about one request, read once: the request, its lock, its nodes, who waits with
 * it, and who is online. Enough for an answer when no launcher can be asked.
 */
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import { compareRequests } from '../../store/waiting.ts';
import type { NodeView, RequestView } from '../../web/source.ts';
import {
  isRequestLocked,
  readComponents,
  readNodes,
  readRequest,
  readRequests,
  type ReadOptions,
} from '../records.ts';

export interface Facts {
  readonly request: RequestView;
  /** Whether anybody holds or waits for its lock. */
  readonly isLocked: boolean;
  /** Requests in state `requested` that come before it, in the order of service. */
  readonly earlier: readonly RequestView[];
  /** Nodes that are reserved for it or answered to it. */
  readonly nodes: readonly NodeView[];
  readonly pools: readonly ComponentRecord[];
  readonly launchers: readonly ComponentRecord[];
}

/** Undefined: there is no such request. */
export async function readFacts(id: string, options: ReadOptions): Promise<Facts | undefined> {
  const request = await readRequest(id, options);
  if (request === undefined) return undefined;
  const isWaiting = request.record.state === 'requested';
  const [isLocked, requests, nodes, pools, launchers] = await Promise.all([
    isRequestLocked(id, options),
    isWaiting ? readRequests(options) : [],
    isWaiting ? [] : readNodes(options),
    readComponents('pool', options),
    readComponents('launcher', options),
  ]);
  return {
    request,
    isLocked,
    earlier: earlierThan(request, requests),
    nodes: nodes.filter((node) => isOf(request, node)),
    pools,
    launchers,
  };
}

function earlierThan(request: RequestView, all: readonly RequestView[]): RequestView[] {
  return all
    .filter(({ id, record }) => id !== request.id && record.state === 'requested')
    .filter((other) => compareRequests(other, request) < 0)
    .sort(compareRequests);
}

function isOf({ id, record }: RequestView, node: NodeView): boolean {
  return node.record.allocated_to === id || record.nodes.includes(node.id);
}
