/** Images that nodes cannot be made from, builds and uploads that fail or hang. Pure. */
import type { Config, DiskimageConfig } from '../../../../schemas/config/model.ts';
import { sayDuration } from '../../../base/words.ts';
import { newestFirst, type BuildView } from '../../../rules/images/view.ts';
import type { ImageState } from '../../plan/model.ts';
import type { Finding } from '../model.ts';
import { sayFew } from '../words.ts';

export interface ImageFacts {
  readonly image: DiskimageConfig;
  readonly state: ImageState;
  /** Somebody holds the lock under which the image is built. */
  readonly isBuildLocked: boolean;
  /** `<build>/<provider>` of uploads whose lock is held. */
  readonly uploadLocks: ReadonlySet<string>;
  readonly config: Pick<Config, 'providers'>;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Beside what its own timeout allows. */
const BUILD_MARGIN = 600;
/** image-upload-timeout is an hour unless told otherwise. */
const UPLOAD_LONG = 7200;
/** A build or upload without its lock is taken away within a minute. */
const ABANDONED = 600;
const FAILURES = 2;
/** Times rebuild-age. */
const OLD = 2;

export function judgeImage(facts: ImageFacts): Finding[] {
  return [...judgeNewest(facts), ...judgeUploads(facts), ...judgeWork(facts)];
}

function judgeNewest({ image, state, now }: ImageFacts): Finding[] {
  const object = `image ${image.name}`;
  const isPaused = state.isPaused || image.isPaused;
  const [ready] = readyOf(state.builds);
  const failed = failedInARow(state.builds);
  const findings: Finding[] = [];
  if (failed >= FAILURES)
    findings.push({
      ...{ severity: ready === undefined ? 'problem' : 'warning', code: 'builds-failed', object },
      seen: `the last ${failed} builds have failed`,
      remedy: `nodepool dib-image-log ${image.name} shows the log of the last one`,
    });
  if (ready === undefined) {
    const isBuilding = state.builds.some(({ record }) => record.state === 'building');
    if (!isBuilding)
      findings.push({
        ...{ severity: isPaused ? 'warning' : 'problem', code: 'image-not-built', object },
        seen: `there is no build of it that can be used${isPaused ? '; it is paused' : ''}`,
        remedy: isPaused
          ? `nodepool image-unpause ${image.name}, or take away its pause in the configuration`
          : `look at the builders; nodepool image-build ${image.name} --wait shows what happens`,
      });
    return findings;
  }
  const age = now - ready.record.state_time;
  if (!isPaused && age > OLD * image.rebuildAgeSeconds)
    findings.push({
      ...{ severity: 'warning', code: 'image-old', object },
      seen: `its newest build is ${sayDuration(age)} old, rebuild-age is ${sayDuration(image.rebuildAgeSeconds)}`,
      remedy: `look at the builders; nodepool image-build ${image.name} --wait shows what happens`,
    });
  return findings;
}

/** Providers that list the image and have no upload of it. */
function judgeUploads({ image, state, config }: ImageFacts): Finding[] {
  if (readyOf(state.builds).length === 0) return [];
  const have = new Set(
    state.builds.flatMap(({ uploads }) =>
      uploads.filter(({ record }) => record.state === 'ready').map(({ provider }) => provider),
    ),
  );
  const missing = [...config.providers.values()]
    .filter(({ managesImages, diskimages }) => managesImages && diskimages.has(image.name))
    .filter(
      ({ name, diskimages }) => !have.has(name) && diskimages.get(image.name)?.isPaused === false,
    )
    .map(({ name }) => name);
  if (missing.length === 0) return [];
  return [
    {
      ...{ severity: 'problem', code: 'image-not-uploaded', object: `image ${image.name}` },
      seen: `there is no upload of it that can be used in ${sayFew(missing)}: labels with it are declined there`,
      remedy: 'nodepool upload-list shows uploads that run; the builder’s log says why one fails',
    },
  ];
}

/** Builds and uploads that are at work for too long, or that nobody is at. */
function judgeWork(facts: ImageFacts): Finding[] {
  const { image, state, isBuildLocked, uploadLocks, now } = facts;
  const builds = state.builds.flatMap(({ id, record }): Finding[] => {
    if (record.state !== 'building') return [];
    const age = now - record.state_time;
    const where = `build ${id} of ${image.name}`;
    if (!isBuildLocked) return age < ABANDONED ? [] : [abandoned(where, age)];
    return age < image.buildTimeoutSeconds + BUILD_MARGIN ? [] : [long(where, age, record.builder)];
  });
  const uploads = state.builds.flatMap(({ id, uploads: all }) =>
    all.flatMap(({ provider, id: upload, record }): Finding[] => {
      if (record.state !== 'uploading') return [];
      const age = now - record.state_time;
      const where = `upload ${upload} of ${image.name}, build ${id}, to ${provider}`;
      if (!uploadLocks.has(`${id}/${provider}`))
        return age < ABANDONED ? [] : [abandoned(where, age)];
      return age < UPLOAD_LONG ? [] : [long(where, age, undefined)];
    }),
  );
  return [...builds, ...uploads];
}

function abandoned(object: string, age: number): Finding {
  return {
    ...{ severity: 'warning', code: 'work-abandoned', object },
    seen: `nobody is at it, since up to ${sayDuration(age)}`,
    remedy:
      'a builder that runs its provider takes it away within a minute: start one, or look into its log',
  };
}

function long(object: string, age: number, builder: string | undefined): Finding {
  const where = builder === undefined ? '' : ` on ${builder}`;
  return {
    ...{ severity: 'warning', code: 'work-long', object },
    seen: `goes on for ${sayDuration(age)}${where}, longer than its timeout`,
    remedy: 'look at the builder: it hangs, or its clock is wrong',
  };
}

function failedInARow(builds: readonly BuildView[]): number {
  const ended = newestFirst(builds).filter(
    ({ record }) => record.state === 'ready' || record.state === 'failed',
  );
  const first = ended.findIndex(({ record }) => record.state === 'ready');
  return first < 0 ? ended.length : first;
}

function readyOf(builds: readonly BuildView[]): BuildView[] {
  return newestFirst(builds.filter(({ record }) => record.state === 'ready'));
}
