/**
 * What somebody should look at, worst first. Pure: from what the page knows to sentences with links.
 *
 * @import { Cluster } from './cluster.js'
 * @import { ImageFacts } from './image-facts.js'
 */
import { countOf, duration, isPython } from './format.js';
import { hrefOf } from './links.js';
import { levelOf } from './quota-bar.js';

/** @typedef {Pick<Cluster, 'rows' | 'status' | 'builders'>} Known */

/**
 * @typedef {object} Notice
 * @property {string} key
 * @property {'bad' | 'held' | 'busy'} mood
 * @property {string} text
 * @property {string} [href]
 */

/** Of one kind; the tabs have them all. */
const MOST_OF_A_KIND = 5;
/** A request that has waited longer is named. */
const LONG_WAIT_SECONDS = 1800;

/**
 * @param {Known} cluster
 * @param {readonly ImageFacts[]} images
 * @param {number} now
 * @returns {Notice[]}
 */
export function noticesOf(cluster, images, now) {
  const rank = { bad: 0, held: 1, busy: 2 };
  const notices = [
    ...ofProviders(cluster, now),
    ...ofNodes(cluster),
    ...ofRequests(cluster, now),
    ...ofLaunches(cluster),
    ...ofImages(images),
    ...ofBuilders(cluster),
  ];
  return notices.sort((a, b) => rank[a.mood] - rank[b.mood]);
}

/**
 * @param {Known} cluster
 * @param {number} now
 * @returns {Notice[]}
 */
function ofProviders({ status }, now) {
  const href = '?tab=providers';
  return (status?.providers ?? []).flatMap((one) => {
    const { name, state, problem, again_at } = one;
    /** @type {Notice[]} */
    const notices = [];
    if (state === 'absent') {
      const again = again_at === null ? '' : `, tried again in ${duration(again_at - now)}`;
      notices.push({
        key: `absent ${name}`,
        mood: 'bad',
        text: `Provider ${name} does not run${problem ? `: ${problem}` : ''}${again}`,
        href,
      });
    } else if (state === 'draining')
      notices.push({
        key: `draining ${name}`,
        mood: 'held',
        text: `Provider ${name} is being drained: it takes nothing new`,
        href,
      });
    const full = [...one.quota, ...one.pools.flatMap((pool) => pool.quota)].filter(
      (use) => levelOf(use) === 'over',
    );
    if (full.length > 0)
      notices.push({
        key: `over ${name}`,
        mood: 'held',
        text: `Provider ${name} uses more than its limit of ${[...new Set(full.map(({ resource }) => resource))].join(', ')}`,
        href,
      });
    return notices;
  });
}

/**
 * @param {Known} cluster
 * @returns {Notice[]}
 */
function ofNodes(cluster) {
  let failed = 0;
  let held = 0;
  for (const { state } of cluster.rows('nodes').values()) {
    if (state === 'failed') failed++;
    else if (state === 'hold') held++;
  }
  /** @type {Notice[]} */
  const notices = [];
  if (failed > 0)
    notices.push({
      key: 'failed nodes',
      mood: 'bad',
      text: `${countOf(failed, 'node')} failed`,
      href: '?tab=nodes&state=failed',
    });
  if (held > 0)
    notices.push({
      key: 'held nodes',
      mood: 'held',
      text: `${countOf(held, 'node')} on hold`,
      href: '?tab=nodes&state=hold&sort=-age',
    });
  return notices;
}

/**
 * @param {Known} cluster
 * @param {number} now
 * @returns {Notice[]}
 */
function ofRequests(cluster, now) {
  /** @type {{ id: string, since: number } | undefined} */
  let oldest;
  for (const { id, state, created_time, state_time } of cluster.rows('requests').values()) {
    const since = created_time ?? state_time;
    if (state === 'requested' && (oldest === undefined || since < oldest.since))
      oldest = { id, since };
  }
  /** @type {Notice[]} */
  const notices = [];
  if (oldest && now - oldest.since > LONG_WAIT_SECONDS)
    notices.push({
      key: 'oldest',
      mood: 'held',
      text: `Request ${oldest.id} has waited for ${duration(now - oldest.since)}`,
      href: hrefOf('request', oldest.id),
    });
  const silent = cluster.status?.without_answer ?? 0;
  if (silent > 0)
    notices.push({
      key: 'silent',
      mood: 'busy',
      text: `${countOf(silent, 'request')} waiting without a word of this launcher's pools`,
      href: '?tab=requests&state=requested',
    });
  return notices;
}

/**
 * @param {Known} cluster
 * @returns {Notice[]}
 */
function ofLaunches({ status }) {
  const tried = (status?.launches ?? []).filter(
    ({ ended, problem, attempt }) => ended === null && problem !== null && (attempt ?? 0) > 1,
  );
  return tried
    .slice(0, MOST_OF_A_KIND)
    .map(({ key, label, provider, problem, attempt, attempts }) => ({
      key: `launch ${key}`,
      mood: 'held',
      text: `${label} in ${provider}, try ${attempt ?? 1} of ${attempts}: ${problem ?? ''}`,
      href: hrefOf('launch', key),
    }));
}

/**
 * @param {readonly ImageFacts[]} images
 * @returns {Notice[]}
 */
function ofImages(images) {
  const failed = images.filter(({ state }) => state === 'failed');
  const paused = images.filter(({ state }) => state === 'paused').length;
  /** @type {Notice[]} */
  const notices = failed.slice(0, MOST_OF_A_KIND).map(({ id, builds }) => ({
    key: `image ${id}`,
    mood: 'bad',
    text:
      builds[0]?.state === 'failed'
        ? `The newest build of image ${id} failed`
        : `An upload of image ${id} failed`,
    href: hrefOf('image', id),
  }));
  if (paused > 0)
    notices.push({
      key: 'paused images',
      mood: 'held',
      text: `${countOf(paused, 'image')} paused`,
      href: '?tab=images&state=paused',
    });
  return notices;
}

/**
 * @param {Known} cluster
 * @returns {Notice[]}
 */
function ofBuilders(cluster) {
  const python = new Set();
  for (const { kind, hostname, version } of cluster.rows('components').values())
    if (kind === 'builder' && isPython(version)) python.add(hostname);
  return cluster.builders
    .filter(({ host, reachable }) => !reachable && !python.has(host))
    .slice(0, MOST_OF_A_KIND)
    .map(({ host, problem }) => ({
      key: `builder ${host}`,
      mood: 'busy',
      text: `The web server of builder ${host} cannot be reached${problem ? `: ${problem}` : ''}`,
      href: '?tab=processes&kind=builder',
    }));
}
