/**
 * What follows a launch attempt that failed: the driver and the log hear why, and what the attempt made
 * is deleted before the next one.
 */
import type { PoolLabel } from '../../schemas/config/model.ts';
import { hasCode } from '../../shared/base/errors.ts';
import { abortReason, sleep } from '../../shared/base/wait.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { Context } from '../context.ts';
import { deleteMachine } from '../nodes/delete-machine.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';

/** The first pause before a deletion between two attempts is repeated. */
const DELETE_RETRY_MS = 1000;

export interface FailedAttempt {
  readonly provider: ProviderRuntime;
  readonly label: PoolLabel;
  readonly node: OwnedNode;
}

/** A driver that cannot be told, or that has no log to give, is noted in the log and fails nothing. */
export async function tellOfAttempt(
  attempt: FailedAttempt,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  await reportScanFailure(attempt, error, signal);
  await logConsole(attempt, error, signal);
}

/** Deletes what a failed attempt made, until it is gone. */
export async function deleteAttempt(
  context: Context,
  attempt: FailedAttempt,
  signal: AbortSignal,
): Promise<void> {
  const { node, provider } = attempt;
  const externalId = node.record.external_id;
  if (externalId === null) return;
  for (let pause = DELETE_RETRY_MS; ; pause = Math.min(pause * 2, 60_000)) {
    try {
      const target = { externalId, nodeId: node.id, driverData: node.record.driver_data };
      await deleteMachine(context, provider, target, signal);
      break;
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      provider.log.warn('what a failed launch left is not deleted yet', { node: node.id, error });
      await sleep(context.clock, pause, signal);
    }
  }
  // What the driver noted belonged to the machine, too.
  await context.store
    .transaction()
    .set(node, { external_id: null, driver_data: null, slot: null })
    .commit();
}

/** Some drivers draw conclusions: what the node stands on may be broken. */
async function reportScanFailure(
  attempt: FailedAttempt,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { node, provider } = attempt;
  const { external_id: externalId, driver_data: driverData } = node.record;
  if (!hasCode(error, 'NP_KEYSCAN_FAILED') || externalId === null) return;
  try {
    await provider.connection.scanFailed?.({ externalId, nodeId: node.id, driverData }, signal);
  } catch (cause) {
    provider.log.warn('the driver could not be told of a failed key scan', {
      node: node.id,
      cause,
    });
  }
}

async function logConsole(
  attempt: FailedAttempt,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { node, provider, label } = attempt;
  const externalId = node.record.external_id;
  if (!label.consoleLog || externalId === null || !provider.connection.consoleLog) return;
  if (!hasCode(error, 'NP_KEYSCAN_FAILED')) return;
  try {
    const text = await provider.connection.consoleLog(externalId, signal);
    if (text !== undefined) provider.log.info('console of the node', { node: node.id, text });
  } catch (cause) {
    provider.log.debug('no console log', { node: node.id, error: cause });
  }
}
