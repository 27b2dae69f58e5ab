/** The Azure in memory as an arena, over HTTPS. */
import { join } from 'node:path';
import { AzureSite } from '../../support/azure-site.ts';
import { LABEL, LIMIT_SECONDS } from '../contest/arena.ts';
import { countingCalls, MOST_MACHINES, RATE, type ClosableArena } from './memory-arena.ts';

export async function azureArena(folder: string): Promise<ClosableArena> {
  // Python's driver fails with machines that are quicker than its lists, which it keeps for ten seconds.
  const site = await AzureSite.open({ createSeconds: 15, deleteSeconds: 5 });
  const { cloud, authority } = site;
  return {
    ...countingCalls(cloud),
    folder,
    environment: { NODE_EXTRA_CA_CERTS: authority, REQUESTS_CA_BUNDLE: authority },
    pythonEnvironment: {
      PYTHONPATH: join(import.meta.dirname, 'python'),
      BENCH_AZURE_ORIGIN: site.origin,
    },
    provider: site.provider({
      labels: { [LABEL]: {} },
      provider: { rate: RATE, 'boot-timeout': LIMIT_SECONDS },
      pool: { 'max-servers': MOST_MACHINES },
    }),
    census: () => {
      const { machines, interfaces, publicIps, disks } = cloud.counts;
      return Promise.resolve({ machines, interfaces, publicIps, disks });
    },
    wipe: () => {
      for (const { name } of cloud.compute.machines.all()) cloud.vanish(name);
      return Promise.resolve();
    },
    close: () => site.close(),
  };
}
