/**
 * `nodepool erase PROVIDER [--force]`: forgets all uploads and nodes of a provider, for one that is gone
 * for good. Asks first, unless forced.
 *
 * The configuration is not asked, the cloud is told nothing, and locks count for nothing. Exit code 0
 * also where the answer is no, as in the original; 1 where there is nobody to answer.
 */
import { eraseNode, eraseUploads } from '../../store/orders/erase.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Command, Context } from '../command.ts';
import { readProviderData, type ProviderData } from '../provider/provider-data.ts';
import { inBatches } from '../records.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const erase: Command = {
  name: 'erase',
  positional: '<provider>',
  describe: 'Erase provider data from zookeeper',
  options: (parser) =>
    parser.positional('provider', { type: 'string', describe: 'Provider name' }).option('force', {
      boolean: true,
      default: false,
      describe: 'Bypass the warning prompt',
    }),
  run: (context, args) =>
    withZooKeeper(context, async (client) => {
      const provider = String(args.provider);
      const { signal, warn } = context;
      const data = await readProviderData(provider, { client, signal, warn });
      if (args.force !== true) {
        const answer = await askBefore(provider, data, context);
        if (answer !== undefined) return answer;
      }
      await eraseAll(provider, data, client, context);
      return 0;
    }),
};

/** The exit code where nothing is to be erased; undefined: go on. */
async function askBefore(
  provider: string,
  data: ProviderData,
  context: Context,
): Promise<number | undefined> {
  context.print('\nWARNING! This action is not reversible!');
  context.warn(amountOf(data));
  const answer = await context.ask(`Erase ZooKeeper data for provider ${provider}? [N/y] `);
  if (answer === undefined) {
    context.warn('\nnodepool: no answer, no data erased; nodepool erase --force does not ask');
    return 1;
  }
  if (answer.toLowerCase() === 'y') return undefined;
  context.print('Aborting. No data erased.');
  return 0;
}

/** What would be lost, for whoever has to answer. */
function amountOf({ builds, nodes }: ProviderData): string {
  const uploads = builds.reduce((sum, build) => sum + build.uploads.length, 0);
  const locked = nodes.filter(({ isLocked }) => isLocked).length;
  return `uploads: ${uploads}, nodes: ${nodes.length} (locked: ${locked}); machines and images in the cloud stay there`;
}

async function eraseAll(
  provider: string,
  { builds, nodes }: ProviderData,
  client: ZooKeeper,
  { signal, print, clock }: Context,
): Promise<void> {
  print(`Erasing build data for ${provider}...`);
  await eraseUploads(client, provider, builds, { signal });
  print(`Erasing node data for ${provider}...`);
  await inBatches(nodes, (node) => eraseNode(client, node, clock.now() / 1000, { signal }));
}
