/** The tags that Nodepool puts on what it makes, and those that a label asks for. Pure. */
import type { Logger } from '../base/log.ts';
import { formatTemplate } from './template.ts';

type Tags = Readonly<Record<string, string>>;

/** Whether two things were made for the same node of the same provider. */
export function isOfSameNode(a: Tags, b: Tags): boolean {
  return (['nodepool_node_id', 'nodepool_provider_name'] as const).every(
    (tag) => a[tag] === b[tag],
  );
}

/** The request that a node is made for, as templates may refer to it. */
export interface TagRequest {
  readonly id: string;
  readonly labels: readonly string[];
  readonly requestor: string | null;
  readonly requestorData: unknown;
  readonly relativePriority: number;
  readonly eventId: string | null;
  readonly createdTime: number | null;
  readonly tenantName: string | null;
}

export interface TagWish {
  /** As they stand in the configuration; clouds take texts only. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** Templates over the request. One that goes wrong is logged and left out. */
  readonly dynamic: Readonly<Record<string, unknown>>;
  readonly request: TagRequest;
  /** Nodepool's own. */
  readonly metadata: Tags;
  readonly log: Logger;
}

/** Later ones win: the label's, what depends on the request, Nodepool's own. */
export function nodeTags({ fixed, dynamic, request, metadata, log }: TagWish): Tags {
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(fixed)) tags[key] = textOf(value);
  const attributes = attributesOf(request);
  for (const [key, template] of Object.entries(dynamic)) {
    const value = formatTemplate(String(template), attributes);
    if (value.ok) tags[key] = value.text;
    else log.warn('dynamic tag left out', { tag: key, reason: value.reason });
  }
  return { ...tags, ...metadata };
}

/** By their Python names: nodepool/zk/zookeeper.py, `getSafeAttributes`. */
function attributesOf(request: TagRequest): Readonly<Record<string, unknown>> {
  return {
    id: request.id,
    labels: request.labels,
    requestor: request.requestor,
    requestor_data: request.requestorData,
    relative_priority: request.relativePriority,
    event_id: request.eventId,
    created_time: request.createdTime,
    tenant_name: request.tenantName,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

/**
 * The tags of an image: those of the build, over them those of the provider's image section, over both
 * Nodepool's own. Facts: nodepool/builder.py, UploadWorker; values as Python writes them.
 */
export function imageTags(
  section: Readonly<Record<string, unknown>>,
  metadata: Tags,
): Readonly<Record<string, string>> {
  const texts = Object.entries(section).map(([key, value]) => [key, pythonText(value)] as const);
  const own = Object.entries(metadata).filter(([key]) => key.startsWith('nodepool_'));
  return { ...metadata, ...Object.fromEntries(texts), ...Object.fromEntries(own) };
}

function pythonText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : textOf(value);
}
