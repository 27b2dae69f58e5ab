/**
 * `nodepool delete ID [--now]`: has a launcher delete a node, in whatever state it is; with `--now` does
 * it in this process and ends when the node is gone.
 *
 * Exit code 0 also where there is no such node, or no such provider for `--now`; 1 where it stays locked
 * for 5 seconds, all as in the original; 1 where the cloud does not delete it.
 */
import { orderNodeDeletion } from '../../store/orders/nodes.ts';
import type { Command, Context } from '../command.ts';
import { deleteNow } from '../provider/delete-now.ts';
import { refusedNode } from '../refused-node.ts';
import { showNode } from '../show-node.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

export const deleteCommand: Command = {
  name: 'delete',
  positional: '<id>',
  describe: 'place a node in the DELETE state',
  options: (parser) =>
    parser.positional('id', { type: 'string', describe: 'node id' }).option('now', {
      boolean: true,
      default: false,
      describe: 'delete the node in the foreground',
    }),
  run: (context, args) =>
    args.now === true ? runNow(String(args.id), context) : runOrder(String(args.id), context),
};

async function runOrder(id: string, context: Context): Promise<number> {
  const { clock, signal } = context;
  return withZooKeeperOf(await configOf(context), context, async (client) => {
    const outcome = await orderNodeDeletion(id, { client, clock, signal });
    if (outcome.kind === 'not-found' || outcome.kind === 'held')
      return refusedNode(id, outcome, context);
    await showNode(id, client, context);
    return 0;
  });
}

async function runNow(id: string, context: Context): Promise<number> {
  const config = await configOf(context);
  return withZooKeeperOf(config, context, async (client) => {
    const outcome = await deleteNow(id, config, client, context);
    if (outcome.kind === 'no-provider') {
      const { provider } = outcome;
      context.print(`Provider ${provider ?? 'None'} for node ${id} not defined on this launcher`);
      context.warn(
        `providers of ${context.configPath} do not have it: run this where its launcher runs, or without --now`,
      );
      return 0;
    }
    if (outcome.kind !== 'deleted') return refusedNode(id, outcome, context);
    await showNode(id, client, context);
    return 0;
  });
}
