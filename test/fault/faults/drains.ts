/** A provider takes nothing new for a time. */
import { drain, endDrain } from '../../../shared/store/orders/drains.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { persist } from '../sturdy-client.ts';
import { between, pick, type Draw, type Fault } from './fault.ts';

/** Far more than the ensemble is ever away. */
const GIVE_UP_MS = 120_000;

export function drained({ random, providers }: Draw): Fault {
  const name = pick(random, providers);
  const ms = between(random, 200, 8000);
  return {
    target: `drain ${name}`,
    words: `provider ${name} is drained for ${ms} ms`,
    async strike({ zookeeper }, wait) {
      const client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      const target = { kind: 'provider', name } as const;
      try {
        await persist(signal, () => client.start(signal));
        const record = { since: Date.now() / 1000, by: 'fault', comment: null };
        await persist(signal, () => drain(client, target, record));
        await wait(ms);
        await persist(signal, () => endDrain(client, target));
      } finally {
        await client.close();
      }
    },
  };
}
