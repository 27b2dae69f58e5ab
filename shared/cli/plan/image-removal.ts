/**
 * Builds and uploads that builders would take away, or leave for ever. Pure.
 *
 * Builders delete what the configuration does not want any more, but of uploads only those of providers
 * that it still has: others are taken for some other builder's. So an image whose provider goes first
 * stays in the cloud, and its build in ZooKeeper and on the builder's disk.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { decideRetention, type RetentionInput } from '../../rules/images/retention.ts';
import type { BuildView } from '../../rules/images/view.ts';
import { sayCount } from '../explain/words.ts';
import type { Finding, Snapshot } from './model.ts';

interface End {
  readonly builds: readonly string[];
  /** `<build>/<provider>/<upload>`. */
  readonly uploads: readonly string[];
}

export function removedImages(
  before: Config,
  after: Config,
  snapshot: Snapshot | undefined,
): Finding[] {
  const images = new Set([...before.diskimages.keys(), ...(snapshot?.images.keys() ?? [])]);
  return [...images].flatMap((name) => {
    const builds = snapshot?.images.get(name)?.builds ?? [];
    const isGone = before.diskimages.has(name) && !after.diskimages.has(name);
    return [
      ...deletions(name, builds, isGone, { before, after }),
      ...leftBehind(name, builds, { before, after }),
    ];
  });
}

interface Both {
  readonly before: Config;
  readonly after: Config;
}

function deletions(
  name: string,
  builds: readonly BuildView[],
  isGone: boolean,
  { before, after }: Both,
): Finding[] {
  const old = endOf(name, builds, before);
  const now = endOf(name, builds, after);
  const more = (a: readonly string[], b: readonly string[]): string[] =>
    b.filter((one) => !a.includes(one));
  const [goneBuilds, goneUploads] = [more(old.builds, now.builds), more(old.uploads, now.uploads)];
  const found: Finding[] = [];
  if (isGone) found.push({ mark: '-', code: 'image-removed', subject: name, text: 'goes' });
  if (goneUploads.length > 0) {
    const text = `${sayCount(goneUploads.length, 'upload')} deleted, in the cloud, too`;
    const ids = goneUploads;
    found.push({ mark: '-', code: 'uploads-deleted', subject: name, text, ids, is_loss: true });
  }
  if (goneBuilds.length > 0) {
    const text = `${sayCount(goneBuilds.length, 'build')} deleted, with the files`;
    const ids = goneBuilds;
    found.push({ mark: '-', code: 'builds-deleted', subject: name, text, ids, is_loss: true });
  }
  return found;
}

/** Usable uploads of providers that go: nobody deletes them. */
function leftBehind(
  name: string,
  builds: readonly BuildView[],
  { before, after }: Both,
): Finding[] {
  const ids = builds.flatMap(({ id, uploads }) =>
    uploads
      .filter(({ provider }) => before.providers.has(provider) && !after.providers.has(provider))
      .map((upload) => `${id}/${upload.provider}/${upload.id}`),
  );
  if (ids.length === 0) return [];
  const text = `${sayCount(ids.length, 'upload')} left: nobody deletes ${ids.length === 1 ? 'it' : 'them'} while the provider is gone, and the build stays with ${ids.length === 1 ? 'it' : 'them'}`;
  return [{ mark: '-', code: 'uploads-left', subject: name, text, ids, is_loss: true }];
}

/** What the builders have deleted when there is nothing left to do. */
function endOf(name: string, builds: readonly BuildView[], config: Config): End {
  const rules: Omit<RetentionInput, 'builds'> = {
    isConfigured: config.diskimages.has(name),
    providers: new Map(
      [...config.providers.values()]
        .filter((one) => one.managesImages)
        .map((one) => [one.name, { listsImage: one.diskimages.has(name) }]),
    ),
  };
  const end = { builds: [] as string[], uploads: [] as string[] };
  let left = builds;
  for (;;) {
    const decision = decideRetention({ ...rules, builds: left });
    const uploads = new Set(decision.deleteUploads.map((one) => one.upload));
    const gone = new Set([...decision.markDeleting, ...decision.remove]);
    if (uploads.size === 0 && gone.size === 0) return end;
    for (const { build, upload } of decision.deleteUploads)
      end.uploads.push(`${build}/${upload.provider}/${upload.id}`);
    end.builds.push(...gone);
    left = left
      .filter(({ id }) => !gone.has(id))
      .map((one) => ({ ...one, uploads: one.uploads.filter((upload) => !uploads.has(upload)) }));
  }
}
