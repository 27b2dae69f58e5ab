/**
 * The first attempt of a launch, begun while the node's lock is on its way: the cloud need not wait for
 * ZooKeeper. The node's znode is there by then, and what is made carries its id. Where the lock is not
 * to be had the attempt is broken off, and what it has made, or still makes, is deleted.
 */
import { joinSignals, onAbort } from '../../shared/base/wait.ts';
import type { ExternalId } from '../../shared/drivers/driver.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { Context } from '../context.ts';
import { deleteMachine } from '../nodes/delete-machine.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import type { AttemptJob } from './attempt.ts';

export interface Taking {
  readonly provider: ProviderRuntime;
  readonly nodeId: string;
  /** Rejects where the lock is not to be had. */
  readonly owned: Promise<OwnedNode>;
  readonly signal: AbortSignal;
}

export interface FirstAttempt {
  readonly node: OwnedNode;
  /** As `attemptLaunch` ends. */
  readonly first: Promise<void>;
}

/** `attempt` is called at once. Rejects as `owned` does. */
export async function whileTaking(
  context: Context,
  taking: Taking,
  attempt: (parts: Pick<AttemptJob, 'owned' | 'onCreated' | 'signal'>) => Promise<void>,
): Promise<FirstAttempt> {
  const lost = new AbortController();
  const { signal, dispose } = joinSignals([taking.signal, lost.signal]);
  let isGivenUp = false;
  const made = new Map<string, () => void>();
  const onCreated: AttemptJob['onCreated'] = (externalId, driverData) => {
    const remove = (): void => {
      context.supervise(
        `delete what was made for node ${taking.nodeId}`,
        removeMade(context, taking, externalId, driverData),
      );
    };
    if (isGivenUp) remove();
    else made.set(JSON.stringify(externalId), remove);
  };
  const first = attempt({ owned: taking.owned, onCreated, signal }).finally(dispose);
  // Its failure is looked at when the node is ours; without it, it does not matter.
  first.catch(() => undefined);
  try {
    const node = await taking.owned;
    const forget = onAbort(node.signal, () => {
      lost.abort(node.signal.reason);
    });
    const ended = first.finally(forget);
    ended.catch(() => undefined);
    return { node, first: ended };
  } catch (error) {
    isGivenUp = true;
    lost.abort(error);
    for (const remove of made.values()) remove();
    throw error;
  }
}

async function removeMade(
  context: Context,
  { provider, nodeId }: Taking,
  externalId: ExternalId,
  driverData: unknown,
): Promise<void> {
  try {
    const target = { externalId, nodeId, driverData };
    await deleteMachine(context, provider, target, new AbortController().signal);
  } catch (error) {
    provider.log.warn('left to the cleanup of leaks: a machine whose node is not ours', {
      node: nodeId,
      error,
    });
  }
}
