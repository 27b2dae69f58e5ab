/**
 * Deletes a node in this process, from its lock to the end of its znode, as a launcher does.
 *
 * Whatever ends it early leaves the node unlocked in a state that launchers go on with.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { CloudError, hasCode, hasLabel } from '../../base/errors.ts';
import { joinSignals, withDeadline } from '../../base/wait.ts';
import type { Provider } from '../../drivers/driver.ts';
import { lockNode, type LockedNode, type LockNodeOutcome } from '../../store/orders/locked-node.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import { withProvider } from './open-provider.ts';

/** For all that the cloud does, as in the original. */
const DELETE_DEADLINE_MS = 600_000;
/** Somebody at the terminal wants to know what is waited for. */
const NOTICE_MS = 10_000;

type DeletionContext = Pick<Context, 'clock' | 'signal' | 'warn'>;

export type DeleteNowOutcome =
  | { readonly kind: 'deleted' }
  | Exclude<LockNodeOutcome, { kind: 'locked' }>
  /** The configuration does not have its provider. */
  | { readonly kind: 'no-provider'; readonly provider: string | null };

/** @throws NodepoolError what the driver or ZooKeeper says; the node is unlocked then. */
export async function deleteNow(
  id: string,
  config: Config,
  client: ZooKeeper,
  context: Context,
): Promise<DeleteNowOutcome> {
  const { clock, signal } = context;
  const outcome = await lockNode(id, { client, clock, signal });
  if (outcome.kind !== 'locked') return outcome;
  const { node } = outcome;
  const { provider: name } = node.record;
  const provider = name === null ? undefined : config.providers.get(name);
  try {
    if (provider === undefined) {
      await node.release();
      return { kind: 'no-provider', provider: name };
    }
    await withProvider(provider, config, context, (connection) =>
      deleteLocked(node, connection, context),
    );
    return { kind: 'deleted' };
  } catch (error) {
    // Never fails; it ends with the session of this command at the latest.
    void node.release();
    throw error;
  }
}

/**
 * The node's machine, then the node. Where it fails the lock is still held.
 *
 * @throws CloudError with the reason as its cause. ZooKeeperError.
 */
export async function deleteLocked(
  node: LockedNode,
  connection: Pick<Provider, 'delete'>,
  context: DeletionContext,
): Promise<void> {
  const { clock } = context;
  await node.write({ state: 'deleting', state_time: clock.now() / 1000 });
  try {
    await deleteInCloud(node, connection, context);
  } catch (cause) {
    throw new CloudError('NP_CLOUD_TRANSIENT', `node ${node.id} has not been deleted`, {
      cause,
      hint: 'it stays in state deleting: a launcher that has its provider deletes it',
    });
  }
  await node.remove(clock.now() / 1000);
}

async function deleteInCloud(
  node: LockedNode,
  connection: Pick<Provider, 'delete'>,
  context: DeletionContext,
): Promise<void> {
  const { external_id: externalId, driver_data: driverData } = node.record;
  if (externalId === null) return;
  const { clock } = context;
  const { signal, dispose } = joinSignals([node.signal, context.signal]);
  const cancelNotice = clock.after(NOTICE_MS, () => {
    context.warn(`still waiting for provider ${node.record.provider} to delete node ${node.id}`);
  });
  const error = (): Error =>
    new CloudError('NP_CLOUD_TRANSIENT', `no end of it within ${DELETE_DEADLINE_MS / 1000} s`);
  try {
    await withDeadline({ clock, ms: DELETE_DEADLINE_MS, signal, error }, (inner) =>
      connection.delete({ externalId, nodeId: node.id, driverData }, inner),
    );
  } catch (cause) {
    if (!hasCode(cause, 'NP_CLOUD_NOT_FOUND') && !hasLabel(cause, 'notFound')) throw cause;
  } finally {
    cancelNotice();
    dispose();
  }
}
