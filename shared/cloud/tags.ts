/** The tags that Nodepool puts on what it makes. */

/** Whether two things were made for the same node of the same provider. */
export function isOfSameNode(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  return (['nodepool_node_id', 'nodepool_provider_name'] as const).every(
    (tag) => a[tag] === b[tag],
  );
}
