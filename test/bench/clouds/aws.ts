/** The AWS in memory as an arena, over HTTP. */
import { AwsSite, awsProvider } from '../../support/aws-site.ts';
import { LABEL, LIMIT_SECONDS } from '../contest/arena.ts';
import { countingCalls, MOST_MACHINES, RATE, type ClosableArena } from './memory-arena.ts';

export async function awsArena(folder: string): Promise<ClosableArena> {
  const site = await AwsSite.open({ createSeconds: 5, deleteSeconds: 5 });
  const { cloud } = site;
  return {
    ...countingCalls(cloud),
    folder,
    // The site leads this process there, and what it starts.
    environment: {},
    provider: awsProvider({
      labels: { [LABEL]: {} },
      provider: { rate: RATE, 'boot-timeout': LIMIT_SECONDS },
      pool: { 'max-servers': MOST_MACHINES },
    }),
    census: () => {
      const { instances, hosts, volumes } = cloud.counts;
      return Promise.resolve({ instances, hosts, volumes });
    },
    wipe: () => {
      for (const { id } of cloud.instances.alive()) cloud.vanish(id);
      return Promise.resolve();
    },
    close: () => site.close(),
  };
}
