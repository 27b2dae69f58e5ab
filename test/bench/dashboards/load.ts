/** A steady load: so many requests of one node are open, each node is given back at once. */
import { systemClock } from '../../../shared/base/clock.ts';
import { Requestor } from '../../../fixtures/zuul/requestor.ts';
import type { ZooKeeper } from '../../../shared/zookeeper/types.ts';

export interface LoadFigures {
  readonly requests_per_second: number;
  /** From a request's creation to its fulfilment, by ZooKeeper's stamps. */
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export async function runLoad(
  client: ZooKeeper,
  {
    label,
    requests,
    open,
  }: { readonly label: string; readonly requests: number; readonly open: number },
): Promise<LoadFigures> {
  const requestor = new Requestor(client, systemClock);
  await requestor.start();
  const { signal } = new AbortController();
  const times: number[] = [];
  let left = requests;
  const begun = performance.now();
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const grant = await requestor.ask([label], { signal });
      times.push(grant.fulfilledMs);
      await grant.giveBack();
    }
  };
  await Promise.all(Array.from({ length: open }, work));
  const seconds = (performance.now() - begun) / 1000;
  await requestor.stop();
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { requests_per_second: requests / seconds, p50_ms: at(0.5), p99_ms: at(0.99) };
}
