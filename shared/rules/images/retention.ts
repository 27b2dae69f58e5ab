/**
 * Which builds and uploads of an image go, and which stay. Pure.
 *
 * The two newest usable builds stay, and of each provider the two newest usable uploads, so that a
 * build stays as long as one of them is of it. What is left half done goes when nobody is at it.
 * Rules: nodepool/builder.py, CleanupWorker.
 */
import { newestFirst, type BuildView, type UploadView } from './view.ts';

export interface RetentionInput {
  readonly builds: readonly BuildView[];
  /** Whether the configuration has the image. */
  readonly isConfigured: boolean;
  /**
   * Providers of the configuration that keep images, and whether each lists this one. Uploads to
   * other providers belong to other builders.
   */
  readonly providers: ReadonlyMap<string, { readonly listsImage: boolean }>;
}

/** What is to be done, in this order; all of it may be done again. */
export interface RetentionDecision {
  /** The cloud's image goes, then the record. */
  readonly deleteUploads: readonly UploadOf[];
  /** In state `uploading`: goes, too, if nobody holds the lock. */
  readonly abandonedUploads: readonly UploadOf[];
  /** Builds to be marked: all their uploads are gone or going. */
  readonly markDeleting: readonly string[];
  /** In state `building`: to be marked, too, if nobody holds the image's lock. */
  readonly abandonedBuilds: readonly string[];
  /** Marked builds without uploads: their records go. */
  readonly remove: readonly string[];
}

export interface UploadOf {
  readonly build: string;
  readonly upload: UploadView;
}

const KEPT = 2;

export function decideRetention(input: RetentionInput): RetentionDecision {
  const ready = newestFirst(input.builds.filter(({ record }) => record.state === 'ready'));
  const kept = new Set(input.isConfigured ? ready.slice(0, KEPT) : []);
  const recent = recentUploads(ready);
  const going = input.builds.flatMap((build) =>
    build.uploads
      .filter((upload) => {
        const listing = input.providers.get(upload.provider);
        if (listing === undefined) return false;
        const { state } = upload.record;
        if (state !== 'ready' || !listing.listsImage) return true;
        return !kept.has(build) && !recent.has(upload);
      })
      .map((upload) => ({ build: build.id, upload })),
  );
  const isUploading = ({ upload }: UploadOf): boolean => upload.record.state === 'uploading';
  const ending = input.builds.filter(
    (build) => !kept.has(build) && build.uploads.every(({ record }) => record.state === 'deleting'),
  );
  const idsOf = (test: (build: BuildView) => boolean): string[] =>
    ending.filter(test).map(({ id }) => id);
  return {
    deleteUploads: going.filter((one) => !isUploading(one)),
    abandonedUploads: going.filter(isUploading),
    markDeleting: idsOf(({ record }) => record.state === 'ready' || record.state === 'failed'),
    abandonedBuilds: idsOf(({ record }) => record.state === 'building'),
    remove: idsOf(({ record, uploads }) => record.state === 'deleting' && uploads.length === 0),
  };
}

/** The newest usable uploads of usable builds, a few of each provider. */
function recentUploads(ready: readonly BuildView[]): ReadonlySet<UploadView> {
  const byProvider = new Map<string, UploadView[]>();
  for (const upload of ready.flatMap(({ uploads }) => uploads)) {
    if (upload.record.state !== 'ready') continue;
    const own = byProvider.get(upload.provider) ?? [];
    byProvider.set(upload.provider, [...own, upload]);
  }
  return new Set([...byProvider.values()].flatMap((own) => newestFirst(own).slice(0, KEPT)));
}
