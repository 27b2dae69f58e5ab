/**
 * What tells our things from others'. Things of a VPC have no tags: the name holds the node or the
 * upload, the resource group the provider and the pool. Python Nodepool beside us reads the same. Pure.
 *
 * Facts: nodepool/driver/ibmvpc/adapter.py.
 */
import type { ExternalId } from '../driver.ts';

type Tags = Readonly<Record<string, string>>;

/** IBM's rule for the names of machines, addresses and images. */
const NAME = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NODE_NAME = /^np(\d+)(?:-\d+)?$/;
/** As Python Nodepool names images, which does not say of which build they are. */
const PYTHONS_UPLOAD_NAME = /^npimage(\d+)/;
const UPLOAD_NAME = /^npimage-([a-z0-9-]+)-(\d+)$/;
const POOL_GROUP = /^np_([^_]+)_([^_]+)$/;
const IMAGE_GROUP = /^npimages_([^_]+)$/;

/** Whether IBM takes the name for an image. */
export function isImageName(name: string): boolean {
  return NAME.test(name);
}

/** Machines are known by their name; under any other id there is none. */
export function isMachineName(externalId: ExternalId): externalId is string {
  return typeof externalId === 'string' && NAME.test(externalId);
}

/**
 * Of a launch: later attempts have names of their own, as the name of one that goes stays taken. Python
 * reads no node in these, so it never takes one for a leak of its own.
 */
export function machineName(hostname: string, attempt: number): string {
  return attempt === 1 ? hostname : `${hostname}-${attempt}`;
}

/** The resource group of a pool's machines and addresses. */
export function poolGroupName(provider: string, pool: string): string {
  return `np_${provider}_${pool}`;
}

/** The resource group of a provider's images. */
export function imageGroupName(provider: string): string {
  return `npimages_${provider}`;
}

/** Undefined: these names can be told apart in the names of groups. */
export function nameProblem(provider: string, pools: readonly string[]): string | undefined {
  const wrong = [provider, ...pools].filter((name) => name.includes('_'));
  if (wrong.length === 0) return undefined;
  return `names of ibmvpc providers and their pools must have no _: ${wrong.join(', ')}`;
}

/** Nodepool's tags of something. `group`: the name of its resource group; undefined: nobody knows. */
export function tagsOf(name: string, group: string | undefined): Tags {
  return { ...tagsOfName(name), ...tagsOfGroup(group ?? '') };
}

function tagsOfName(name: string): Tags {
  const [, nodeId] = NODE_NAME.exec(name) ?? [];
  if (nodeId !== undefined) return { nodepool_node_id: nodeId };
  const [, build, upload] = UPLOAD_NAME.exec(name) ?? [];
  if (build !== undefined && upload !== undefined)
    return { nodepool_build_id: build, nodepool_upload_id: upload };
  const [, uploadId] = PYTHONS_UPLOAD_NAME.exec(name) ?? [];
  return uploadId === undefined ? {} : { nodepool_upload_id: uploadId };
}

function tagsOfGroup(name: string): Tags {
  const [, provider, pool] = POOL_GROUP.exec(name) ?? [];
  if (provider !== undefined && pool !== undefined)
    return { nodepool_provider_name: provider, nodepool_pool_name: pool };
  const [, ofImages] = IMAGE_GROUP.exec(name) ?? [];
  return ofImages === undefined ? {} : { nodepool_provider_name: ofImages };
}
