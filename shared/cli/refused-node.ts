/** What to say, and the exit code, where a node cannot be locked for a command. */
import type { LockNodeOutcome } from '../store/orders/locked-node.ts';
import type { Context } from './command.ts';

/**
 * As in the original a node that is not there is an answer (exit code 0, the line on stdout is the
 * original's), and a lock that somebody else holds is an error.
 */
export function refusedNode(
  id: string,
  outcome: Exclude<LockNodeOutcome, { kind: 'locked' }>,
  context: Context,
): number {
  if (outcome.kind === 'not-found') {
    context.print(`Node id ${id} not found`);
    context.warn('nodepool list shows the ids of all nodes');
    return 0;
  }
  const by = outcome.holder ?? 'somebody';
  context.warn(
    `nodepool: node ${id} is locked by ${by}, who did not give it back within 5 seconds\n` +
      'a launcher locks the nodes that it makes and deletes, Zuul those that its builds use;\n' +
      'nodepool list --detail shows launcher and state: try again when the node is unlocked',
  );
  return 1;
}
