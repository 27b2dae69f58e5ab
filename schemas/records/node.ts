/**
 * A node, as it stands in `/nodepool/nodes/<id>`.
 *
 * Field names are those of the znode; Zuul sets every key as an attribute of its own object, so none
 * is ever added. What only we need goes into `driver_data`. Unknown fields are kept.
 * Facts: zookeeper-schema of Python Nodepool 11 and Zuul 14.
 */
import { z } from 'zod';

import { keeping } from './as-is.ts';

export const nodeStates = [
  'init',
  'building',
  'testing',
  'ready',
  'in-use',
  'used',
  'hold',
  'deleting',
  'failed',
  'aborted',
  'deleted',
] as const;
export type NodeState = (typeof nodeStates)[number];

const text = z.string().nullable().default(null);
const port = z.union([z.number(), z.record(z.string(), z.unknown()), z.null()]);

const shape = {
  state: z.enum(nodeStates),
  state_time: z.number().default(0),
  created_time: z.number().nullable().default(null),
  cloud: text,
  region: text,
  az: text,
  host_id: text,
  provider: text,
  pool: text,
  /** Labels. Old records hold a plain string. */
  type: keeping(
    z.array(z.string()),
    z
      .union([z.array(z.string()), z.string().transform((label) => [label])])
      .nullable()
      .default([])
      .transform((labels) => labels ?? []),
  ),
  /** The request that the node is reserved for. */
  allocated_to: text,
  public_ipv4: text,
  private_ipv4: text,
  public_ipv6: text,
  interface_ip: text,
  connection_type: text,
  /** A port, or an object that may hold credentials: never shown. */
  connection_port: port.optional(),
  ssh_port: port.optional(),
  username: z.string().nullable().default('zuul'),
  shell_type: text,
  python_path: text,
  host_keys: keeping(
    z.array(z.string()),
    z
      .array(z.string())
      .nullable()
      .default([])
      .transform((keys) => keys ?? []),
  ),
  image_id: text,
  launcher: text,
  external_id: z
    .union([z.string(), z.record(z.string(), z.string().nullable()), z.null()])
    .default(null),
  hostname: text,
  comment: text,
  hold_job: text,
  hold_expiration: keeping(z.null(), z.unknown().default(null).transform(toSeconds)),
  user_data: z.unknown().default(null),
  resources: z.record(z.string(), z.number()).nullable().default(null),
  slot: z.number().nullable().default(null),
  attributes: z.record(z.string(), z.unknown()).nullable().default(null),
  node_properties: z.record(z.string(), z.unknown()).nullable().default(null),
  tenant_name: text,
  requestor: text,
  driver_data: z.unknown().default(null),
};

/** Seconds; 0 for what Python's `int()` does not take. */
function toSeconds(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : 0;
}

export const nodeSchema = z.looseObject(shape);
export type NodeRecord = Readonly<z.infer<z.ZodObject<typeof shape>>>;

/** States in which an unlocked node is to be deleted. */
export const DELETABLE_STATES: ReadonlySet<NodeState> = new Set([
  'used',
  'in-use',
  'building',
  'failed',
  'deleting',
  'deleted',
  'aborted',
]);

/** A record with all keys, as the launcher makes it. */
export function newNode(fields: Partial<NodeRecord>, nowSeconds: number): NodeRecord {
  return {
    state: 'init',
    state_time: nowSeconds,
    created_time: nowSeconds,
    cloud: null,
    region: null,
    az: null,
    host_id: null,
    provider: null,
    pool: null,
    type: [],
    allocated_to: null,
    public_ipv4: null,
    private_ipv4: null,
    public_ipv6: null,
    interface_ip: null,
    connection_type: null,
    connection_port: 22,
    ssh_port: 22,
    username: 'zuul',
    shell_type: null,
    python_path: null,
    host_keys: [],
    image_id: null,
    launcher: null,
    external_id: null,
    hostname: null,
    comment: null,
    hold_job: null,
    hold_expiration: null,
    user_data: null,
    resources: null,
    slot: null,
    attributes: null,
    node_properties: {},
    tenant_name: null,
    requestor: null,
    driver_data: null,
    ...fields,
  };
}
