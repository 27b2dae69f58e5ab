/**
 * Rows of the event stream: what a page shows of each record, as JSON. Pure. Credentials are never among
 * it: no port (it may hold a token), no `user_data`, no `driver_data`.
 *
 * Keys are an interface, and the records' own names where there is one. Times are Unix seconds, what is
 * absent is null.
 */
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import type { EventRow } from './topic.ts';
import type { BuildView, ImageView, NodeView, RequestView, UploadView } from '../source.ts';

export function nodeEventRow({ id, record, isLocked }: NodeView): EventRow {
  return {
    id,
    provider: record.provider,
    pool: record.pool,
    labels: record.type,
    state: record.state,
    state_time: record.state_time,
    locked: isLocked,
    allocated_to: record.allocated_to,
    hostname: record.hostname,
    public_ipv4: record.public_ipv4,
    private_ipv4: record.private_ipv4,
    public_ipv6: record.public_ipv6,
    az: record.az,
    external_id: shownExternalId(record.external_id),
    launcher: record.launcher,
    hold_job: record.hold_job,
    comment: record.comment,
    requestor: record.requestor,
    tenant: record.tenant_name,
  };
}

/** Some clouds' nodes are of several things, each with its id. */
function shownExternalId(externalId: NodeRecord['external_id']): string | null {
  if (externalId === null || typeof externalId === 'string') return externalId;
  const parts = Object.entries(externalId).filter(([, id]) => id !== null);
  return parts.map(([kind, id]) => `${kind}=${id ?? ''}`).join(' ');
}

export function requestEventRow({ id, record }: RequestView): EventRow {
  return {
    id,
    state: record.state,
    state_time: record.state_time,
    created_time: record.created_time,
    priority: record.relative_priority,
    requestor: record.requestor,
    labels: record.node_types,
    nodes: record.nodes,
    declined_by: record.declined_by,
    event_id: record.event_id,
    tenant: record.tenant_name,
  };
}

export function imageEventRow({ name, isPaused, request }: ImageView): EventRow {
  return {
    id: name,
    paused: isPaused,
    build_request: request === undefined ? null : request.isBuilding ? 'building' : 'pending',
    build_request_time: request?.createdAt ?? null,
  };
}

export function buildEventRow({ image, build, record, isPaused }: BuildView): EventRow {
  return {
    id: `${image}-${build}`,
    image,
    build,
    builder: record.builder ?? null,
    formats: record.formats ? record.formats.split(',') : [],
    state: record.state,
    state_time: record.state_time,
    paused: isPaused,
  };
}

export function uploadEventRow({ image, build, provider, upload, record }: UploadView): EventRow {
  return {
    id: `${image}/${build}/${provider}/${upload}`,
    image,
    build,
    provider,
    upload,
    external_name: record.external_name,
    external_id: record.external_id,
    state: record.state,
    state_time: record.state_time,
  };
}

/** `id`: its path below that of all components. What a kind does not have is left out. */
export function componentEventRow(id: string, record: ComponentRecord): EventRow {
  return {
    id,
    kind: record.kind,
    hostname: record.hostname,
    state: record.state,
    version: record.version,
    labels: record.supported_labels,
    paused: record.paused,
    provider: record.provider_name,
    pool: record.name,
  };
}
