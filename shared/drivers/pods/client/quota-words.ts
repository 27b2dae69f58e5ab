/**
 * What the refusal of a quota says: `exceeded quota: NAME, requested: cpu=2,pods=1, used: cpu=0,pods=3,
 * limited: cpu=1,pods=9`. Pure. Facts: k8s.io/apiserver, pkg/admission/plugin/resourcequota.
 */
import { parseQuantity } from '../quantity.ts';

const WORDS = /\bexceeded quota: .*?\brequested: (.*?), used: .*?, limited: (\S*)/;

/**
 * Whether more is asked for than the quota has in all: then waiting is of no use. A limit of 0 closes the
 * namespace for a while, and says nothing of that.
 */
export function isMoreThanAll(words: string): boolean {
  const [, requested = '', limited = ''] = WORDS.exec(words) ?? [];
  const limits = amountsOf(limited);
  return [...amountsOf(requested)].some(([name, amount]) => {
    const limit = limits.get(name) ?? 0;
    return limit > 0 && amount > limit;
  });
}

function amountsOf(list: string): ReadonlyMap<string, number> {
  const pairs = list.split(',').map((pair): readonly [string, number] => {
    const [name = '', amount = ''] = pair.split('=');
    return [name, parseQuantity(amount) ?? Number.NaN];
  });
  return new Map(pairs);
}
