/**
 * The lists that the web and the command line show: columns, their JSON keys and order are the
 * original's (nodepool/status.py), because scripts read them.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import { ageText, cellText, renderTable } from '../base/table.ts';
import { pythonJson } from '../base/python-json.ts';
import type { NodeView, RequestView } from './source.ts';

/** JSON key and column header. */
export type Columns = readonly (readonly [key: string, header: string])[];
export type Row = Readonly<Record<string, unknown>>;

export interface Listing {
  readonly columns: Columns;
  readonly rows: readonly Row[];
  /**
   * Now, in seconds since 1970. With it a number in a column of ages is the moment since when: JSON has
   * the moment, a table the time that has gone by.
   */
  readonly nowSeconds?: number;
}

/** The first nine are `nodepool list`, all of them `--detail` and the web. */
export const NODE_COLUMNS: Columns = [
  ['id', 'ID'],
  ['provider', 'Provider'],
  ['label', 'Label'],
  ['server_id', 'Server ID'],
  ['public_ipv4', 'Public IPv4'],
  ['ipv6', 'IPv6'],
  ['state', 'State'],
  ['age', 'Age'],
  ['locked', 'Locked'],
  ['pool', 'Pool'],
  ['hostname', 'Hostname'],
  ['private_ipv4', 'Private IPv4'],
  ['AZ', 'AZ'],
  ['username', 'Username'],
  ['connection_port', 'Port'],
  ['launcher', 'Launcher'],
  ['allocated_to', 'Allocated To'],
  ['hold_job', 'Hold Job'],
  ['comment', 'Comment'],
  ['user_data', 'User Data'],
  ['driver_data', 'Driver Data'],
];

const REQUEST_COLUMNS: Columns = [
  ['id', 'Request ID'],
  ['relative_priority', 'Priority'],
  ['state', 'State'],
  ['requestor', 'Requestor'],
  ['node_types', 'Node Types'],
  ['nodes', 'Nodes'],
  ['declined_by', 'Declined By'],
  ['event_id', 'Event ID'],
];

const LABEL_COLUMNS: Columns = [['label', 'Label']];

export function nodeListing(nodes: Iterable<NodeView>, nowSeconds: number): Listing {
  const rows: Row[] = [];
  for (const node of nodes) rows.push(nodeRow(node, nowSeconds));
  return { columns: NODE_COLUMNS, rows };
}

function nodeRow({ id, record, isLocked }: NodeView, nowSeconds: number): Row {
  return {
    id,
    provider: record.provider,
    label: record.type,
    server_id: record.external_id,
    public_ipv4: record.public_ipv4,
    ipv6: record.public_ipv6,
    state: record.state,
    age: ageText(nowSeconds - record.state_time),
    locked: isLocked ? 'locked' : 'unlocked',
    pool: record.pool,
    hostname: record.hostname,
    private_ipv4: record.private_ipv4,
    AZ: record.az,
    username: record.username,
    connection_port: shownPort(portOf(record)),
    launcher: record.launcher,
    allocated_to: record.allocated_to,
    hold_job: record.hold_job,
    comment: record.comment,
    user_data: record.user_data,
    driver_data: record.driver_data,
  };
}

/** Records of old times have the port under its old name alone, or not at all. */
function portOf({
  connection_port: port,
  ssh_port: old,
}: NodeRecord): NodeRecord['connection_port'] {
  if (port !== undefined) return port;
  return old === undefined ? 22 : old;
}

/** Kubernetes nodes carry credentials in place of a port. */
function shownPort(port: NodeRecord['connection_port']): number | 'redacted' {
  return typeof port === 'number' ? port : 'redacted';
}

export function requestListing(requests: Iterable<RequestView>): Listing {
  const rows: Row[] = [];
  for (const { id, record } of requests)
    rows.push({
      id,
      relative_priority: record.relative_priority,
      state: record.state,
      requestor: record.requestor,
      node_types: record.node_types,
      nodes: record.nodes,
      declined_by: record.declined_by,
      event_id: record.event_id,
    });
  return { columns: REQUEST_COLUMNS, rows };
}

export function labelListing(labels: Iterable<string>): Listing {
  const rows = [...new Set(labels)].sort().map((label) => ({ label }));
  return { columns: LABEL_COLUMNS, rows };
}

/**
 * A table of those columns whose JSON key is in `fields`, in the table's order; unknown fields are
 * ignored. All columns without `fields`.
 */
export function listingText(listing: Listing, fields?: readonly string[]): string {
  const { headers, rows } = listingCells(listing, fields);
  return renderTable(headers, rows);
}

/** The same columns and rows as finished texts, with the JSON keys of the columns. */
export function listingCells(
  listing: Listing,
  fields?: readonly string[],
): { keys: string[]; headers: string[]; rows: string[][] } {
  const columns =
    fields === undefined
      ? listing.columns
      : listing.columns.filter(([key]) => fields.includes(key));
  return {
    keys: columns.map(([key]) => key),
    headers: columns.map(([, header]) => header),
    rows: listing.rows.map((row) =>
      columns.map(([key]) => shownCell(key, row[key], listing.nowSeconds)),
    ),
  };
}

function shownCell(key: string, value: unknown, nowSeconds: number | undefined): string {
  const isMoment = typeof value === 'number' && nowSeconds !== undefined && /(^|_)age$/.test(key);
  return isMoment ? ageText(nowSeconds - value) : cellText(value);
}

export function listingJson(listing: Listing): string {
  return pythonJson(listing.rows);
}
