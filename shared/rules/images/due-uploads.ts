/**
 * Which uploads of an image are missing. Pure.
 *
 * Only the newest usable build is uploaded, and only by a builder that has its files.
 * Conditions: nodepool/builder.py, UploadWorker. Unlike there, an upload that failed is tried again
 * after a pause that grows, not after ten seconds for ever.
 */
import { dueAgainAt, type Failures } from './failures.ts';
import { formatsOf, newestFirst, type BuildView } from './view.ts';

/** A provider that wants the image. */
export interface UploadWish {
  readonly provider: string;
  /** The provider's entry of the image has `pause`. */
  readonly isPaused: boolean;
  readonly format: string;
}

export interface MissingUpload {
  readonly build: string;
  readonly provider: string;
  readonly format: string;
}

export interface UploadDecision {
  readonly missing: readonly MissingUpload[];
  /** When the first that waits after a failure is due, in seconds since 1970. */
  readonly nextAt: number | undefined;
}

export interface UploadInput {
  readonly builds: readonly BuildView[];
  readonly wishes: readonly UploadWish[];
  /** Formats of the build's files that are here. */
  readonly filesOf: (build: string) => readonly string[];
  /** Of this builder's uploads of the build to the provider. */
  readonly failuresOf: (build: string, provider: string) => Failures | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

const PAUSES = { firstSeconds: 10, longestSeconds: 1800 };

export function decideUploads(input: UploadInput): UploadDecision {
  const { builds, wishes, filesOf, failuresOf, now } = input;
  const [newest] = newestFirst(builds.filter(({ record }) => record.state === 'ready'));
  if (newest === undefined) return { missing: [], nextAt: undefined };
  const built = new Set(formatsOf(newest.record));
  const here = new Set(filesOf(newest.id));
  const missing: MissingUpload[] = [];
  let nextAt: number | undefined;
  for (const { provider, isPaused, format } of wishes) {
    if (isPaused || !built.has(format) || !here.has(format) || isUploaded(newest, provider))
      continue;
    const dueAt = dueAgainAt(failuresOf(newest.id, provider), PAUSES);
    if (dueAt === undefined || now >= dueAt) missing.push({ build: newest.id, provider, format });
    else nextAt = Math.min(nextAt ?? Infinity, dueAt);
  }
  return { missing, nextAt };
}

function isUploaded({ uploads }: BuildView, provider: string): boolean {
  return uploads.some((one) => one.provider === provider && one.record.state === 'ready');
}
