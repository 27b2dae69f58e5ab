/** Names of what is made, and what tells our things from others'. Pure. */
import type { ExternalId } from '../driver.ts';
import type { KubeObject } from './client/objects.ts';

/** Kubernetes' rule for the names of namespaces, and its limit. */
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE_LENGTH = 63;
/** Its limit for the names of pods. */
export const POD_LENGTH = 253;

/** Whose something is. */
export interface Owner {
  readonly provider: string;
  readonly nodeId: string;
}

/**
 * Name of what is made for a node: Python Nodepool's for the first attempt, and later ones beside it, as
 * the name of what is being deleted stays taken. Where that would be too long it is the first one again.
 */
export function attemptName(
  parts: { readonly before: string; readonly nodeId: string; readonly attempt: number },
  most = NAMESPACE_LENGTH,
): string {
  const first = `${parts.before}-${parts.nodeId}`;
  const name = parts.attempt === 1 ? first : `${first}-${parts.attempt}`;
  return name.length > most ? first : name;
}

/** Namespaces are known by their name; under any other id there is none. */
export function isNamespaceName(externalId: ExternalId): externalId is string {
  return (
    typeof externalId === 'string' &&
    externalId.length <= NAMESPACE_LENGTH &&
    NAMESPACE_NAME.test(externalId)
  );
}

/** What stands in OpenShift's annotation of a project's description. */
const DESCRIPTION = 'openshift.io/description';
const DESCRIBED = /^Nodepool: node (\S+) of provider (.+)$/;

/** The description of a project, by which it is known where OpenShift leaves out its labels. */
export function descriptionOf({ provider, nodeId }: Owner): string {
  return `Nodepool: node ${nodeId} of provider ${provider}`;
}

/** The labels of something; of a project without ours, what its description says of them. */
export function tagsOf({ metadata }: KubeObject): Readonly<Record<string, string>> {
  const labels = metadata?.labels ?? {};
  if (labels.nodepool_provider_name !== undefined) return labels;
  const [, nodeId, provider] = DESCRIBED.exec(metadata?.annotations?.[DESCRIPTION] ?? '') ?? [];
  if (nodeId === undefined || provider === undefined) return labels;
  return { ...labels, nodepool_provider_name: provider, nodepool_node_id: nodeId };
}

/** Whether something was made by any Nodepool. */
export function isMarked(object: KubeObject): boolean {
  return tagsOf(object).nodepool_provider_name !== undefined;
}

export function isOwnedBy(object: KubeObject, { provider, nodeId }: Owner): boolean {
  const tags = tagsOf(object);
  return tags.nodepool_provider_name === provider && tags.nodepool_node_id === nodeId;
}

/**
 * The tags of something that may be deleted where its node is gone: its name has to agree with them, as
 * labels are copied easily, and a namespace holds much. Else none.
 */
export function leakTags(object: KubeObject): Readonly<Record<string, string>> {
  const tags = tagsOf(object);
  const { nodepool_node_id: nodeId } = tags;
  const isNamed = nodeId !== undefined && nameOf(object).split('-').includes(nodeId);
  return isNamed ? tags : {};
}

export function nameOf({ metadata }: KubeObject): string {
  return metadata?.name ?? '';
}

/** Whether something is on its way out. */
export function isDeleting({ metadata }: KubeObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** Whether both are the same thing, not only of the same name. */
export function isSame(a: KubeObject | undefined, b: KubeObject): boolean {
  return a !== undefined && a.metadata?.uid === b.metadata?.uid;
}
