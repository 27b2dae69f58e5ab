/**
 * What builders would build, upload and delete. Asks the builders' own rules (shared/rules/images) with
 * both configurations; what they decide with both is no matter of the new one. Pure.
 */
import type { Config, DiskimageConfig, ProviderConfig } from '../../../schemas/config/model.ts';
import { sayDuration } from '../../base/words.ts';
import { decideBuild, type BuildReason } from '../../rules/images/due-build.ts';
import { formatsOf, newestFirst, type BuildView } from '../../rules/images/view.ts';
import { changedImageOptions } from './image-inputs.ts';
import { removedImages } from './image-removal.ts';
import { changesOf, type Change, type Finding, type ImageState, type Snapshot } from './model.ts';

const NO_IMAGE: ImageState = { builds: [], isPaused: false };

export function imageChanges(
  before: Config,
  after: Config,
  snapshot: Snapshot | undefined,
): Change[] {
  const findings = [...after.diskimages.values()].flatMap((image) => [
    ...buildFindings(image, { before, after, snapshot }),
    ...uploadFindings(image, { before, after, snapshot }),
  ]);
  return changesOf('images', [...findings, ...removedImages(before, after, snapshot)]);
}

interface World {
  readonly before: Config;
  readonly after: Config;
  readonly snapshot: Snapshot | undefined;
}

const REASONS: Readonly<Record<BuildReason, string>> = {
  requested: 'asked for',
  none: 'there is no build of it that can be used',
  age: 'its newest build is older than rebuild-age',
  formats: 'its newest build lacks a format',
  inputs: 'what goes into it has changed',
};

function buildFindings(image: DiskimageConfig, world: World): Finding[] {
  const { before, after, snapshot } = world;
  const subject = image.name;
  const old = before.diskimages.get(subject);
  if (old === undefined) return [comes(image, world)];
  const state = snapshot?.images.get(subject) ?? NO_IMAGE;
  const options = changedImageOptions(old, image);
  const findings: Finding[] = [];
  if (image.isPaused !== old.isPaused) {
    const text = image.isPaused ? 'is paused: not built any more' : 'is not paused any more';
    findings.push({
      mark: '~',
      code: image.isPaused ? 'image-paused' : 'image-resumed',
      subject,
      text,
    });
  }
  const due = snapshot && dueReason(image, after, state, snapshot.now);
  const isNew =
    due !== undefined && dueReason(old, before, state, snapshot?.now ?? 0) === undefined;
  if (options.inputs.length > 0 && !image.isPaused && !state.isPaused) {
    findings.push(rebuilt(image, options.inputs, after, state));
  } else if (isNew) {
    findings.push({ mark: '+', code: 'image-built', subject, text: `is built: ${REASONS[due]}` });
  }
  if (options.others.length > 0) {
    const text = 'later builds, uploads and nodes follow';
    findings.push({ mark: '~', code: 'image-changed', subject, text, ids: options.others });
  }
  return findings;
}

function comes(image: DiskimageConfig, { after, snapshot }: World): Finding {
  const subject = image.name;
  const known = snapshot?.images.get(subject);
  const [ready] = newestReady(known?.builds ?? []);
  const mark = '+';
  if (image.isPaused || known?.isPaused === true)
    return { mark, code: 'image-added', subject, text: 'comes, paused: it is not built' };
  const due = snapshot && dueReason(image, after, known ?? NO_IMAGE, snapshot.now);
  if (ready !== undefined && due === undefined)
    return {
      mark,
      code: 'image-added',
      subject,
      text: `comes; build ${ready.id} is there already`,
    };
  return {
    mark,
    code: 'image-built',
    subject,
    text: `comes and is built: ${REASONS[due ?? 'none']}`,
  };
}

function rebuilt(
  image: DiskimageConfig,
  inputs: readonly string[],
  { extensions }: Config,
  { builds }: ImageState,
): Finding {
  const subject = image.name;
  const [newest] = newestReady(builds);
  if (extensions.builder.isRebuiltOnChange && (newest !== undefined || builds.length === 0)) {
    const text =
      'is built anew: what goes into it changes (by a builder of ours that made its newest build; by others at rebuild-age)';
    return { mark: '~', code: 'image-rebuilt', subject, text, ids: inputs };
  }
  const age = sayDuration(image.rebuildAgeSeconds);
  const text = `what goes into it changes with the next build (rebuild-age ${age})`;
  return { mark: '~', code: 'image-inputs', subject, text, ids: inputs };
}

/** As builders decide it, without requests and failures. */
function dueReason(
  image: DiskimageConfig,
  config: Config,
  { builds, isPaused }: ImageState,
  now: number,
): BuildReason | undefined {
  const [newest] = newestReady(builds);
  // The format that a provider wants may be known to its cloud only: then what was built counts.
  const isListed = [...config.providers.values()].some((one) => listing(one, image.name));
  const known = newest === undefined ? ['qcow2'] : formatsOf(newest.record);
  const formats = image.formats.length > 0 || !isListed ? image.formats : known;
  const decision = decideBuild({
    wish: {
      ...{ name: image.name, isPaused: isPaused || image.isPaused, formats },
      ...{ isRequested: false, isRequestNew: false, rebuildAgeSeconds: image.rebuildAgeSeconds },
    },
    ...{ builds, failures: undefined, outdated: undefined, now },
  });
  return decision.kind === 'due' ? decision.reason : undefined;
}

/** Providers that list the image and have not before, where no upload of its newest build is. */
function uploadFindings(image: DiskimageConfig, { before, after, snapshot }: World): Finding[] {
  const { name } = image;
  const [newest] = newestReady(snapshot?.images.get(name)?.builds ?? []);
  return [...after.providers.values()].flatMap((provider): Finding[] => {
    const old = before.providers.get(provider.name);
    const isNew = old === undefined || !listing(old, name);
    if (!listing(provider, name) || !isNew) return [];
    const isThere = newest?.uploads.some(
      (one) => one.provider === provider.name && one.record.state === 'ready',
    );
    if (isThere === true) return [];
    const what = newest === undefined ? 'once there is a build' : `build ${newest.id}`;
    const subject = `${name} to ${provider.name}`;
    return [{ mark: '+', code: 'image-uploaded', subject, text: `is uploaded: ${what}` }];
  });
}

function listing(provider: ProviderConfig, image: string): boolean {
  return provider.managesImages && provider.diskimages.get(image)?.isPaused === false;
}

function newestReady(builds: readonly BuildView[]): BuildView[] {
  return newestFirst(builds.filter(({ record }) => record.state === 'ready'));
}
