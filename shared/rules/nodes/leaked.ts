/**
 * What a cloud holds with our tags that no node and no upload of an image has: left over. Pure.
 *
 * A record is there before what is made for it, and until that has been deleted. One that cannot be
 * read is a record nevertheless.
 */
import type { NodeRecord, NodeState } from '../../../schemas/records/node.ts';
import type { ExternalId, LeakableResource } from '../../drivers/driver.ts';

/** States in which a node has its machine for good: no other one can be on its way for it. */
const SETTLED: ReadonlySet<NodeState> = new Set(['ready', 'in-use', 'hold', 'used']);

export type KnownNode = Pick<NodeRecord, 'state' | 'external_id'>;

/** What ZooKeeper knows, as far as it matters here. */
export interface KnownRecords {
  /** Undefined: there is no such node. */
  readonly nodeOf: (id: string) => KnownNode | 'unreadable' | undefined;
  /** Whether the provider has an upload of the build by that number, in whatever state. */
  readonly hasUpload: (build: string, upload: string) => boolean;
}

/** Looks among these uploads of one provider. */
export function uploadsKnown(
  uploads: Iterable<{ readonly build: string; readonly upload: string }>,
): KnownRecords['hasUpload'] {
  const keyOf = (build: string, upload: string): string => `${build}/${upload}`;
  const keys = new Set(Array.from(uploads, ({ build, upload }) => keyOf(build, upload)));
  return (build, upload) => keys.has(keyOf(build, upload));
}

/**
 * Ours by its tags, and of no node that exists, or of a node that has another machine; or of no upload
 * that exists.
 */
export function isLeaked(
  resource: LeakableResource,
  provider: string,
  known: KnownRecords,
): boolean {
  const {
    nodepool_provider_name: owner,
    nodepool_node_id: node,
    nodepool_build_id: build,
    nodepool_upload_id: upload,
  } = resource.metadata;
  if (owner !== provider) return false;
  if (node !== undefined) return isOfNoNode(resource, known.nodeOf(node));
  return build !== undefined && upload !== undefined && !known.hasUpload(build, upload);
}

function isOfNoNode(
  { externalId }: LeakableResource,
  node: KnownNode | 'unreadable' | undefined,
): boolean {
  if (node === undefined) return true;
  if (node === 'unreadable' || externalId === undefined || node.external_id === null) return false;
  return SETTLED.has(node.state) && !isPartOf(externalId, node.external_id);
}

/** Ids of several parts may name each part alone: of a machine and of the host that it runs on. */
function isPartOf(part: ExternalId, whole: ExternalId): boolean {
  const ids = new Set(idsOf(whole));
  return idsOf(part).every((id) => ids.has(id));
}

function idsOf(id: ExternalId): string[] {
  if (typeof id === 'string') return [id];
  return Object.values(id).filter((one) => one !== null);
}
