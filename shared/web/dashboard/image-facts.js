/**
 * Images with their builds, uploads and what runs of them at this moment, put together from the topics
 * and the builders' own words. Pure.
 *
 * @import { BuilderActivity, BuildRow, ImageRow, UploadRow } from './types.ts'
 * @import { RunningBuild, RunningUpload } from './builder-types.ts'
 */

/**
 * @typedef {object} ImageFacts
 * @property {string} id
 * @property {ImageRow} image
 * @property {readonly BuildRow[]} builds newest first
 * @property {readonly UploadRow[]} uploads
 * @property {readonly RunningBuild[]} running
 * @property {readonly RunningUpload[]} sending
 * @property {string} state in one word, see `stateOf`
 */

/**
 * @param {object} from
 * @param {Iterable<ImageRow>} from.images
 * @param {Iterable<BuildRow>} from.builds
 * @param {Iterable<UploadRow>} from.uploads
 * @param {readonly BuilderActivity[]} from.builders
 * @returns {ImageFacts[]}
 */
export function imageFacts({ images, builds, uploads, builders }) {
  const buildsOf = groupBy(builds);
  const uploadsOf = groupBy(uploads);
  const running = groupBy(builders.flatMap((one) => one.builds));
  const sending = groupBy(builders.flatMap((one) => one.uploads));
  return [...images].map((image) => {
    const id = image.id;
    const facts = {
      id,
      image,
      builds: (buildsOf.get(id) ?? []).sort(newestFirst),
      uploads: uploadsOf.get(id) ?? [],
      running: running.get(id) ?? [],
      sending: sending.get(id) ?? [],
    };
    return { ...facts, state: stateOf(facts) };
  });
}

/**
 * @template {{ readonly image: string }} T
 * @param {Iterable<T>} rows
 * @returns {Map<string, T[]>}
 */
function groupBy(rows) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row.image);
    if (group) group.push(row);
    else groups.set(row.image, [row]);
  }
  return groups;
}

/**
 * @param {BuildRow} a
 * @param {BuildRow} b
 */
function newestFirst(a, b) {
  return Number(b.build) - Number(a.build) || (a.id < b.id ? 1 : -1);
}

/** @param {Omit<ImageFacts, 'state'>} facts */
function stateOf({ image, builds, uploads }) {
  const newest = builds[0];
  if (image.paused) return 'paused';
  if (newest?.state === 'building') return 'building';
  if (newest?.state === 'failed') return 'failed';
  if (uploads.some(({ build, state }) => build === newest?.build && state === 'failed'))
    return 'failed';
  if (uploads.some(({ state }) => state === 'uploading')) return 'uploading';
  if (builds.some(({ state }) => state === 'ready')) return 'ready';
  return 'no build';
}

/**
 * `8 of 9 ready, 1 uploading`, of the newest build that is ready.
 *
 * @param {ImageFacts} facts
 */
export function sayUploads({ builds, uploads }) {
  const build = builds.find(({ state }) => state === 'ready')?.build ?? builds[0]?.build;
  const own = uploads.filter((one) => one.build === build);
  if (own.length === 0) return 'none';
  const ready = own.filter(({ state }) => state === 'ready').length;
  const others = ['uploading', 'failed', 'deleting'].flatMap((state) => {
    const number = own.filter((one) => one.state === state).length;
    return number === 0 ? [] : [`${number} ${state}`];
  });
  return [`${ready} of ${own.length} ready`, ...others].join(', ');
}

/**
 * The running upload of a record, if a builder tells of it.
 *
 * @param {readonly RunningUpload[]} sending
 * @param {UploadRow} upload
 */
export function progressOf(sending, { build, provider, upload }) {
  return sending.find(
    (one) => one.build === build && one.provider === provider && one.upload === upload,
  );
}
