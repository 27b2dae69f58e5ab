/**
 * Who excludes whom: the names of lock children and their order, as kazoo has them.
 *
 *   kind        own child           waits for lower numbers of
 *   exclusive   <hex>__lock__N      __lock__
 *   write       <hex>__lock__N      __lock__, __rlock__
 *   read        <hex>__rlock__N     __lock__
 *
 * Numbers are compared as text, since all contenders must agree and kazoo does so; it matters only
 * after two thousand million children. Source: kazoo 2.9 to 2.11, recipe/lock.py.
 */
export type LockKind = 'exclusive' | 'read' | 'write';

export interface LockPolicy {
  /** Between the contender's own prefix and the server's number. */
  readonly suffix: string;
  /** Children that this kind waits for; the first group is the number. */
  readonly contender: RegExp;
}

const WRITERS = /__lock__(-?\d{10})$/;
const EVERYBODY = /__r?lock__(-?\d{10})$/;

export const policies: Readonly<Record<LockKind, LockPolicy>> = {
  exclusive: { suffix: '__lock__', contender: WRITERS },
  write: { suffix: '__lock__', contender: EVERYBODY },
  read: { suffix: '__rlock__', contender: WRITERS },
};

/** The number that the server gave a lock child, as text. */
function numberOf(child: string, pattern: RegExp): string | undefined {
  return pattern.exec(child)?.[1];
}

/**
 * The last contender in front of our own child: the one to wait for. Undefined if there is none:
 * the lock is ours. Our own child is one of `children`.
 */
export function predecessorOf(
  policy: LockPolicy,
  own: string,
  children: readonly string[],
): string | undefined {
  const ownNumber = numberOf(own, EVERYBODY) ?? '';
  let predecessor: string | undefined;
  let highest = '';
  for (const child of children) {
    const number = child === own ? undefined : numberOf(child, policy.contender);
    if (number === undefined || number >= ownNumber) continue;
    if (predecessor !== undefined && number <= highest) continue;
    predecessor = child;
    highest = number;
  }
  return predecessor;
}

/** The contender in front of all others: who holds the lock, if all want it for themselves alone. */
export function firstContender(children: readonly string[]): string | undefined {
  let first: string | undefined;
  let lowest = '';
  for (const child of children) {
    const number = numberOf(child, EVERYBODY);
    if (number === undefined || (first !== undefined && number >= lowest)) continue;
    first = child;
    lowest = number;
  }
  return first;
}
