/**
 * What a requestor that is itself a launcher writes into `user_data` of a node that it keeps: JSON in
 * a string, with its own name under `owner`. Zuul writes an object there, which is none of these.
 *
 * Facts: nodepool/driver/metastatic/adapter.py.
 */
export interface OwnerData {
  readonly owner: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function encodeOwnerData(owner: string, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ owner, ...data });
}

/** Undefined: the node is nobody's of that kind. */
export function decodeOwnerData(userData: unknown): OwnerData | undefined {
  if (typeof userData !== 'string' || !userData.includes('"owner"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(userData);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { owner, ...data } = parsed as Record<string, unknown>;
    return typeof owner === 'string' ? { owner, data } : undefined;
  } catch {
    return undefined;
  }
}
