/**
 * Parts of the overview that count: nodes by state and by provider, and the limits that are nearest.
 *
 * @import { ViewContext } from './view-types.ts'
 * @import { Section } from './view-overview.js'
 */
import { countBy } from './choose-rows.js';
import { h, setText, syncList } from './dom.js';
import { count, words } from './format.js';
import { nodesHref } from './links.js';
import { drawQuota, levelOf, quotaBar } from './quota-bar.js';
import { moodOf } from './state-mark.js';

const MOST_LIMITS = 8;

/**
 * @param {ViewContext} context
 * @param {Section} section
 * @param {HTMLElement} bar
 */
export function drawStates({ cluster }, { body, nothing }, bar) {
  const nodes = cluster.rows('nodes');
  const states = countBy(nodes.values(), ({ state }) => state);
  setText(
    nothing,
    states.length > 0 ? '' : cluster.isSynced('nodes') ? 'There are no nodes.' : 'Loading ...',
  );
  syncList(bar, states, {
    key: ([state]) => state,
    create: ([state]) => h('span', { 'data-mood': moodOf(state) }),
    update: (part, [, number]) => {
      part.style.flexGrow = String(number);
    },
  });
  syncList(body, states, {
    key: ([state]) => state,
    create: ([state]) => countLink(words(state), nodesHref({ state }), moodOf(state)),
    update: (item, [, number]) => {
      drawCount(item, number);
    },
  });
}

/**
 * @param {ViewContext} context
 * @param {Section} section
 */
export function drawPlaces({ cluster }, { body, nothing }) {
  const places = countBy(cluster.rows('nodes').values(), ({ provider }) => provider);
  setText(
    nothing,
    places.length > 0 ? '' : cluster.isSynced('nodes') ? 'There are no nodes.' : 'Loading ...',
  );
  syncList(body, places, {
    key: ([provider]) => provider,
    create: ([provider]) => countLink(provider, nodesHref({ provider })),
    update: (item, [, number]) => {
      drawCount(item, number);
    },
  });
}

/**
 * @param {string} name
 * @param {string} href
 * @param {string} [mood]
 */
function countLink(name, href, mood) {
  return h(
    'li',
    { class: 'count-line', 'data-mood': mood },
    mood && h('span', { class: 'mark', 'aria-hidden': 'true' }),
    h('a', { href }, name),
    h('span', { class: 'number' }),
  );
}

/**
 * @param {HTMLElement} item
 * @param {number} number
 */
function drawCount(item, number) {
  if (item.lastElementChild) setText(item.lastElementChild, count(number));
}

/**
 * @param {ViewContext} context
 * @param {Section} section
 */
export function drawLimits({ cluster }, { body, nothing }) {
  const limits = (cluster.status?.providers ?? [])
    .flatMap(({ name, quota, pools }) => [
      ...quota.map((use) => ({ of: name, use })),
      ...pools.flatMap((pool) => pool.quota.map((use) => ({ of: `${name} / ${pool.name}`, use }))),
    ])
    .filter(({ use }) => levelOf(use) !== 'none' && shareOf(use) > 0)
    .sort((a, b) => shareOf(b.use) - shareOf(a.use) || (a.of < b.of ? -1 : 1));
  setText(
    nothing,
    cluster.status === undefined
      ? 'Loading ...'
      : limits.length === 0
        ? 'Nothing limited is in use.'
        : '',
  );
  syncList(body, limits.slice(0, MOST_LIMITS), {
    key: ({ of, use }) => `${of} ${use.resource}`,
    create: ({ of }) =>
      h('li', { class: 'limit' }, h('span', { class: 'limit-of' }, of), quotaBar()),
    update: (item, { of, use }) => {
      if (item.lastElementChild instanceof HTMLElement) drawQuota(item.lastElementChild, use, of);
    },
  });
}

/** @param {{ used: number, reserved: number, limit: number | null }} use */
function shareOf({ used, reserved, limit }) {
  return limit === null || limit === 0 ? 0 : (used + reserved) / limit;
}
