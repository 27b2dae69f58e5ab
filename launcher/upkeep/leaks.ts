/**
 * What a provider's cloud holds with our tags but without a znode, or beside the machine that its node
 * has: left by a crash, by a deletion that lied, or by a creation whose answer was lost; of nodes and of
 * uploads of images alike. Deleted when it is seen so in two rounds, because a znode is there before
 * what is made for it, but a listing may be old.
 */
import { CloudError, messageOf } from '../../shared/base/errors.ts';
import { throwIfAborted, withDeadline } from '../../shared/base/wait.ts';
import { Slots } from '../../shared/cloud/slots.ts';
import type { LeakableResource, LeakCollector } from '../../shared/drivers/driver.ts';
import { isLeaked, uploadsKnown, type KnownRecords } from '../../shared/rules/nodes/leaked.ts';
import { nodePath } from '../../shared/store/paths.ts';
import type { Store } from '../../shared/store/store.ts';
import { leaked, leakDeletionsFailed } from '../../shared/telemetry/names/nodes.ts';
import type { Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';

/** A round does not wait longer for one deletion; the next one looks again. */
const DELETION_MS = 120_000;
const DELETIONS_AT_ONCE = 20;

export class LeakFinder {
  /** By provider: what the last round has seen so. */
  readonly #suspects = new Map<string, ReadonlySet<string>>();

  async sweep(context: Context, provider: ProviderRuntime): Promise<void> {
    const { leaks } = provider.connection;
    if (!leaks) return;
    const resources = await leaks.list(provider.signal);
    // Caches that are behind the cloud know too little.
    if (!context.store.isCurrent) return;
    const known = knownRecords(context.store, provider.name);
    const left = resources.filter((one) => isLeaked(one, provider.name, known));
    const before = this.#suspects.get(provider.name);
    const suspects = new Set(left.map(keyOf));
    this.#suspects.set(provider.name, suspects);
    const certain = left.filter((one) => before?.has(keyOf(one)));
    for (const kind of ofOneKind(certain)) {
      const slots = new Slots(DELETIONS_AT_ONCE);
      const gone = await Promise.all(
        kind.map((one) =>
          slots.run(provider.signal, () => remove(one, { context, provider, leaks })),
        ),
      );
      // What is listed again has to be seen twice again.
      for (const [at, one] of kind.entries()) if (gone[at] === true) suspects.delete(keyOf(one));
    }
  }
}

interface Surroundings {
  readonly context: Context;
  readonly provider: ProviderRuntime;
  readonly leaks: LeakCollector;
}

/** Whether it is gone. */
async function remove(
  resource: LeakableResource,
  { context, provider, leaks }: Surroundings,
): Promise<boolean> {
  const { kind, id } = resource;
  const labels = { provider: provider.name, kind };
  const { signal } = provider;
  const error = (): Error =>
    new CloudError('NP_CLOUD_TRANSIENT', `not gone within ${DELETION_MS / 1000} s`);
  try {
    await withDeadline({ clock: context.clock, ms: DELETION_MS, signal, error }, (inner) =>
      leaks.delete(resource, inner),
    );
  } catch (failure) {
    throwIfAborted(signal);
    context.metrics.increment(leakDeletionsFailed, labels);
    const reason = messageOf(failure);
    provider.log.warn('leaked resource not deleted yet', { kind, id, error: reason });
    return false;
  }
  context.metrics.increment(leaked, labels);
  provider.log.warn('leaked resource deleted', { kind, id });
  return true;
}

function keyOf({ kind, id }: LeakableResource): string {
  return `${kind}\0${id}`;
}

/** Kind after kind, in the order in which the driver lists them: some can go only after others. */
function ofOneKind(resources: readonly LeakableResource[]): readonly LeakableResource[][] {
  const kinds = new Map<string, LeakableResource[]>();
  for (const one of resources) {
    const known = kinds.get(one.kind);
    if (known) known.push(one);
    else kinds.set(one.kind, [one]);
  }
  return [...kinds.values()];
}

function knownRecords({ nodes, images }: Store, provider: string): KnownRecords {
  const { tree } = nodes.cache;
  return {
    nodeOf: (id) => nodes.get(id)?.record ?? (tree.has(nodePath(id)) ? 'unreadable' : undefined),
    hasUpload: uploadsKnown(images.uploadsTo(provider)),
  };
}
