/**
 * The name under which a provider keeps nodes of others: requestor of its requests, owner in their
 * `user_data`, and what the locks carry. As the original writes it, so that either takes over from
 * the other.
 */
export function ownerOf({ driver, name }: { driver: string; name: string }): string {
  return `NodePool:${driver}:${name}`;
}

/** The provider of such a name; undefined for names of another kind. */
export function providerOf(owner: string): string | undefined {
  return /^NodePool:[^:]+:(.+)$/s.exec(owner)?.[1];
}
