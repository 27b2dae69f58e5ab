/** One try to delete a node's machine, with an end. */
import type { Clock } from '../../shared/base/clock.ts';
import { CloudError } from '../../shared/base/errors.ts';
import { withDeadline } from '../../shared/base/wait.ts';
import type { DeleteTarget } from '../../shared/drivers/driver.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';

/** For one try; the cloud may still be at it when the next one begins. */
const DEADLINE_MS = 600_000;

/** Resolves when the cloud says that it is gone. The provider is kept open until then. */
export async function deleteMachine(
  { clock }: { readonly clock: Clock },
  provider: ProviderRuntime,
  target: DeleteTarget,
  signal: AbortSignal,
): Promise<void> {
  const error = (): Error =>
    new CloudError('NP_CLOUD_TRANSIENT', `node ${target.nodeId}: no end of its deletion`);
  const done = provider.begin();
  try {
    await withDeadline({ clock, ms: DEADLINE_MS, signal, error }, (inner) =>
      provider.connection.delete(target, inner),
    );
  } finally {
    done();
  }
}
