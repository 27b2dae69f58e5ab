/**
 * Images: above what is being built and uploaded now, below all of them.
 *
 * @import { ViewContext } from './view-types.ts'
 * @import { ImageFacts } from './image-facts.js'
 */
import { h, syncList } from './dom.js';
import { age, duration } from './format.js';
import { imageFacts, sayUploads } from './image-facts.js';
import { fillLink } from './cells.js';
import { ListView } from './list-view.js';
import { drawBuild, drawUpload, progressRow } from './progress.js';
import { fillState } from './state-mark.js';

/** More than this are in the list below. */
const MOST_SHOWN = 40;

/** @type {WeakMap<object, ImageFacts[]>} */
const made = new WeakMap();

/**
 * All images, made once for each change of anything that is in them.
 *
 * @param {ViewContext['cluster']} cluster
 */
export function imagesOf(cluster) {
  const key = cluster.imagesKey;
  let facts = made.get(key);
  if (facts === undefined) {
    facts = imageFacts({
      images: cluster.rows('images').values(),
      builds: cluster.rows('builds').values(),
      uploads: cluster.rows('uploads').values(),
      builders: cluster.builders,
    });
    made.set(key, facts);
  }
  return facts;
}

/**
 * @param {ViewContext} context
 * @returns {ListView<ImageFacts>}
 */
export function imagesView(context) {
  const { cluster } = context;
  const running = h('ul', { class: 'progress-list' });
  const above = h(
    'section',
    { class: 'above', 'aria-labelledby': 'running-title' },
    h('h3', { id: 'running-title' }, 'Under way'),
    running,
  );
  return new ListView(context, {
    id: 'images',
    title: 'Images',
    noun: 'image',
    item: 'image',
    placeholder: 'Search image',
    sources: ['images', 'builds', 'uploads', 'builders'],
    rows: () => imagesOf(cluster),
    count: () => cluster.rows('images').size,
    isWhole: () =>
      cluster.isSynced('images') && cluster.isSynced('builds') && cluster.isSynced('uploads'),
    above,
    drawAbove: () => {
      above.hidden = drawRunning(context, running) === 0;
    },
    order: { key: 'image', isDown: false },
    filters: [{ name: 'state', label: 'State', kind: 'chips', valueOf: ({ state }) => state }],
    columns: columnsOf(context),
  });
}

/**
 * @param {ViewContext} context
 * @returns {import('./list-view.js').ListOptions<ImageFacts>['columns']}
 */
function columnsOf({ cluster, address }) {
  return [
    {
      key: 'image',
      title: 'Image',
      width: '28%',
      sortBy: ({ id }) => id,
      fill: (cell, { id }) => {
        fillLink(cell, address.href({ sel: `image:${id}` }), id);
      },
    },
    {
      key: 'state',
      title: 'State',
      width: '7.5rem',
      sortBy: ({ state }) => state,
      fill: (cell, { state }) => {
        fillState(cell, state);
      },
    },
    {
      key: 'age',
      title: 'Newest',
      width: '6rem',
      kind: 'number',
      sortBy: ({ builds }) => (builds[0] ? -builds[0].state_time : null),
      text: ({ builds }) => (builds[0] ? age(cluster.now() - builds[0].state_time) : ''),
    },
    { key: 'uploads', title: 'Uploads', width: '24%', text: sayUploads },
    {
      key: 'builds',
      title: 'Builds',
      width: '5rem',
      kind: 'number desk-only',
      sortBy: ({ builds }) => builds.length,
      text: ({ builds }) => String(builds.length),
    },
    {
      key: 'formats',
      title: 'Formats',
      width: '12%',
      kind: 'wide-only',
      text: ({ builds }) => builds[0]?.formats.join(', ') ?? '',
    },
    {
      key: 'builder',
      title: 'Builder',
      width: '14%',
      kind: 'desk-only',
      text: ({ builds }) => builds[0]?.builder ?? '',
    },
    {
      key: 'asked',
      title: 'Asked for',
      width: '12%',
      kind: 'wide-only',
      text: ({ image }) => sayAsked(image, cluster.now()),
    },
  ];
}

/**
 * @param {ImageFacts['image']} image
 * @param {number} now
 */
export function sayAsked({ build_request, build_request_time }, now) {
  if (build_request === null) return '';
  const since = build_request_time === null ? '' : ` for ${duration(now - build_request_time)}`;
  return `${build_request}${since}`;
}

/**
 * @param {ViewContext} context
 * @param {HTMLElement} list
 * @returns {number} how many run
 */
function drawRunning({ cluster, address }, list) {
  const builds = cluster.builders.flatMap((one) =>
    one.builds.map((build) => ({ build, upload: undefined })),
  );
  const uploads = cluster.builders.flatMap((one) =>
    one.uploads.map((upload) => ({ build: undefined, upload })),
  );
  const items = [...builds, ...uploads];
  syncList(list, items.slice(0, MOST_SHOWN), {
    key: ({ build, upload }) =>
      build
        ? `${build.image}/${build.build}`
        : `${upload.image}/${upload.build}/${upload.provider}/${upload.upload}`,
    create: progressRow,
    update: (row, { build, upload }) => {
      if (build)
        drawBuild(row, build, {
          now: cluster.now(),
          logHref: address.href({ log: `${build.image}/${build.build}` }),
        });
      else drawUpload(row, upload);
    },
  });
  return items.length;
}
