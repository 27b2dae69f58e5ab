/**
 * `nodepool hold ID [--comment TEXT]`: has everybody leave a node alone, in whatever state it is, until
 * `nodepool delete`.
 *
 * Exit code 0 also where there is no such node, 1 where it stays locked for 5 seconds, both as in the
 * original, which has no comment here.
 */
import { holdNode } from '../../store/orders/nodes.ts';
import type { Command } from '../command.ts';
import { refusedNode } from '../refused-node.ts';
import { showNode } from '../show-node.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const hold: Command = {
  name: 'hold',
  positional: '<id>',
  describe: 'place a node in the HOLD state e.g. for running maintenance tasks',
  options: (parser) =>
    parser.positional('id', { type: 'string', describe: 'node id' }).option('comment', {
      string: true,
      requiresArg: true,
      describe: 'why, for people who see the node in nodepool list --detail',
    }),
  run: (context, args) =>
    withZooKeeper(context, async (client) => {
      const id = String(args.id);
      const { clock, signal } = context;
      const comment = args.comment as string | undefined;
      const outcome = await holdNode(id, { client, clock, signal, comment });
      if (outcome.kind === 'not-found' || outcome.kind === 'held')
        return refusedNode(id, outcome, context);
      await showNode(id, client, context);
      return 0;
    }),
};
