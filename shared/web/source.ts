/**
 * What the web server shows. The launcher answers from its caches, so nothing here waits.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';

export interface NodeView {
  readonly id: string;
  readonly record: NodeRecord;
  /** Whether anybody holds or waits for the node's lock. */
  readonly isLocked: boolean;
}

export interface RequestView {
  readonly id: string;
  readonly record: RequestRecord;
}

export interface WebSource {
  nodes(): Iterable<NodeView>;
  node(id: string): NodeView | undefined;
  requests(): Iterable<RequestView>;
  /** Why a request is where it is, as JSON data; undefined: there is no such request. */
  explain(request: string): object | undefined;
  /** What the waiting requests wait for, as JSON data. */
  explainWaiting(): object;
  /** Labels of all registered pools, of all launchers. */
  labels(): Iterable<string>;
  /** Whether the first pass over the configuration is done. */
  isReady(): boolean;
}
