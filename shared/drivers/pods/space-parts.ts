/** The parts of a provider whose nodes have namespaces or projects of their own, put together. */
import { Accounts } from './accounts.ts';
import { Deletions } from './deletion.ts';
import type { PartsOptions } from './driver.ts';
import { Leaks } from './leaks.ts';
import { Pods } from './pods.ts';
import type { Parts } from './provider.ts';
import { Quotas } from './quotas.ts';
import { openSights } from './sights.ts';
import { Spaces, type SpaceCalls } from './spaces.ts';
import type { SpaceLaunchOptions } from './space-launch.ts';

export function openSpaceParts(
  { config, env, cluster }: PartsOptions,
  calls: SpaceCalls,
  launchesOf: (options: SpaceLaunchOptions) => Parts['launches'],
): Parts {
  const { clock, log, pollSeconds } = env;
  const { name: provider } = config;
  const spaces = new Spaces({ calls, clock, log, pollSeconds });
  const sights = openSights({ provider, cluster, clock, log, pollSeconds });
  const deletions = new Deletions({ provider, spaces, log });
  const accounts = new Accounts({ cluster, secrets: sights.secrets, clock });
  const pods = new Pods({ cluster, sight: sights.pods, clock });
  return {
    deletions,
    launches: launchesOf({ config, cluster, clock, spaces, accounts, pods }),
    quotas: new Quotas(spaces),
    leaks: new Leaks({ spaces, deletions }),
    close: () => {
      calls.watched.close();
      sights.close();
      cluster.close();
    },
  };
}
