/**
 * A node request, as it stands in `/nodepool/requests/<priority>-<sequence>`.
 *
 * Field names are those of the znode. Zuul fails on a record that lacks one of them, so all are
 * always written; fields that we do not know are kept as they are.
 * Facts: zookeeper-schema of Python Nodepool 11 and Zuul 5 to 14.
 */
import { z } from 'zod';

export const requestStates = ['requested', 'pending', 'fulfilled', 'failed'] as const;

const shape = {
  state: z.enum(requestStates),
  /** Unix seconds of the last assignment of `state`. */
  state_time: z.number().default(0),
  /** Ids of the pools that said no. */
  declined_by: z.array(z.string()).default([]),
  /** Labels asked for, in order; may repeat. */
  node_types: z.array(z.string()).default([]),
  /** Node ids in the order of `node_types`, once fulfilled. */
  nodes: z.array(z.string()).default([]),
  /** False: only fresh nodes (min-ready requests). */
  reuse: z.boolean().default(true),
  requestor: z.string().nullable().default(null),
  /** Opaque; carried through untouched. */
  requestor_data: z.unknown().default(null),
  /** Preferred provider; not a constraint. */
  provider: z.string().nullable().default(null),
  /** Lower is served first among equals. */
  relative_priority: z.number().default(0),
  event_id: z.string().nullable().default(null),
  /** Unix seconds; Zuul measures with it. */
  created_time: z.number().nullable().default(null),
  tenant_name: z.string().nullable().default(null),
};

export const requestSchema = z.looseObject(shape);
export type RequestRecord = Readonly<z.infer<z.ZodObject<typeof shape>>>;

/** The requestor of requests that keep `min-ready` nodes in stock. */
export const MIN_READY_REQUESTOR = 'NodePool:min-ready';

/** A record with all keys, as a requestor makes it. */
export function newRequest(
  fields: Partial<RequestRecord> & Pick<RequestRecord, 'node_types'>,
  nowSeconds: number,
): RequestRecord {
  return {
    state: 'requested',
    state_time: nowSeconds,
    declined_by: [],
    nodes: [],
    reuse: true,
    requestor: null,
    requestor_data: null,
    provider: null,
    relative_priority: 0,
    event_id: null,
    created_time: null,
    tenant_name: null,
    ...fields,
  };
}
