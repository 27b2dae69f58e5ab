/** Builds that are to go are marked: then their uploads, files and records go, everywhere. */
import { buildPath, type BuildKey } from '../../shared/store/paths.ts';
import { toState, type BuilderContext } from '../context.ts';
import { viewsOf } from '../plan/views-of.ts';

export async function markDeleting(
  { images, work, clock }: BuilderContext,
  key: BuildKey,
  signal: AbortSignal,
): Promise<void> {
  const stored = images.builds.get(buildPath(key));
  const owned = stored && (await work.takeBuild(stored, toState(clock, 'deleting'), { signal }));
  await owned?.release();
}

/** What stands as `building`; for who holds the lock of the image, so that nobody builds it. */
export async function markAbandoned(
  context: BuilderContext,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, record } of viewsOf(context.images, image))
    if (record.state === 'building') await markDeleting(context, { image, build: id }, signal);
}
