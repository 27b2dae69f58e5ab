/** Which static host a node stands for. A host is known by name, user and port. Pure. */
import type { NodeRecord } from '../../../schemas/records/node.ts';

/** The same text for the node and the configured host. */
export function hostKeyOf(host: {
  readonly name: string | null;
  readonly username: string | null;
  readonly connectionPort: unknown;
}): string {
  return `${host.name ?? ''}\0${host.username ?? ''}\0${String(host.connectionPort)}`;
}

/** The host that a static node's record names. Old records have the port as `ssh_port` only. */
export function hostOfNode(record: NodeRecord): string {
  const port = record.connection_port ?? record.ssh_port;
  return hostKeyOf({
    name: record.hostname ?? (typeof record.external_id === 'string' ? record.external_id : null),
    username: record.username,
    connectionPort: typeof port === 'number' ? port : 22,
  });
}
