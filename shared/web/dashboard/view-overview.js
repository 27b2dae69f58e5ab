/**
 * The first page: how much there is of everything, what waits most, what needs a look.
 *
 * @import { Change } from './types.ts'
 * @import { View, ViewContext } from './view-types.ts'
 */
import { noticesOf } from './attention.js';
import { h, setAttribute, setText, syncList } from './dom.js';
import { count } from './format.js';
import { drawLimits, drawPlaces, drawStates } from './overview-counts.js';
import { imagesOf } from './view-images.js';

const MOST_REASONS = 10;

/**
 * @param {ViewContext} context
 * @returns {View}
 */
export function overviewView(context) {
  const tiles = h('ul', { class: 'tiles', 'aria-label': 'Counts' });
  const parts = {
    notices: section('Needs a look'),
    reasons: section('What requests wait for'),
    states: section('Nodes by state'),
    limits: section('Tightest limits'),
    places: section('Nodes by provider'),
  };
  const bar = h('div', { class: 'stack', 'aria-hidden': 'true' });
  parts.states.body.before(bar);
  const element = h(
    'div',
    { class: 'view scroll-view overview' },
    tiles,
    h('div', { class: 'columns' }, ...Object.values(parts).map((one) => one.element)),
  );
  return {
    id: 'overview',
    title: 'Overview',
    element,
    /** @param {ReadonlySet<Change>} changes */
    draw: (changes) => {
      if (changes.size === 1 && changes.has('token')) return;
      drawTiles(context, tiles);
      drawNotices(context, parts.notices);
      drawReasons(context, parts.reasons);
      drawStates(context, parts.states, bar);
      drawLimits(context, parts.limits);
      drawPlaces(context, parts.places);
    },
  };
}

/** @param {string} title */
function section(title) {
  const id = `overview-${title.toLowerCase().replaceAll(' ', '-')}`;
  const body = h('ul', { class: 'plain' });
  const nothing = h('p', { class: 'muted' });
  const element = h(
    'section',
    { class: 'panel', 'aria-labelledby': id },
    h('h3', { id }, title),
    body,
    nothing,
  );
  return { element, body, nothing };
}

/** @typedef {{ element: HTMLElement, body: HTMLElement, nothing: HTMLElement }} Section */

/**
 * @param {ViewContext} context
 * @param {HTMLElement} list
 */
function drawTiles({ cluster }, list) {
  const { status } = cluster;
  const launching = (status?.providers ?? []).reduce((sum, one) => sum + one.launching, 0);
  const deleting = (status?.providers ?? []).reduce((sum, one) => sum + one.deleting, 0);
  const running = (status?.providers ?? []).filter(({ state }) => state === 'running').length;
  const all = status?.providers.length ?? 0;
  const building = cluster.builders.reduce((sum, one) => sum + one.builds.length, 0);
  const uploading = cluster.builders.reduce((sum, one) => sum + one.uploads.length, 0);
  const items = [
    {
      name: 'Waiting',
      value: status && count(status.waiting),
      note: 'requests',
      href: '?tab=requests&state=requested',
    },
    {
      name: 'Being served',
      value: status && count(status.serving),
      note: 'requests, here',
      href: '?tab=requests&state=pending',
    },
    {
      name: 'Nodes',
      value: count(cluster.rows('nodes').size),
      note: 'of all launchers',
      href: '?tab=nodes',
    },
    {
      name: 'Launching',
      value: status && count(launching),
      note: `nodes, ${count(deleting)} being deleted`,
      href: '?tab=launches',
    },
    {
      name: 'Providers',
      value: status && `${running} of ${all}`,
      note: 'run',
      href: '?tab=providers',
    },
    {
      name: 'Images',
      value: count(cluster.rows('images').size),
      note: `${building} building, ${uploading} uploading`,
      href: '?tab=images',
    },
  ];
  syncList(list, items, {
    key: ({ name }) => name,
    create: ({ name, href }) =>
      h(
        'li',
        {},
        h(
          'a',
          { class: 'tile', href },
          h('span', { class: 'tile-name' }, name),
          h('strong'),
          h('span', { class: 'muted' }),
        ),
      ),
    update: (item, { value, note }) => {
      const [, number, small] = item.firstElementChild?.children ?? [];
      if (number) setText(number, value ?? '–');
      if (small) setText(small, note);
    },
  });
}

/**
 * @param {ViewContext} context
 * @param {Section} section
 */
function drawNotices({ cluster }, { body, nothing }) {
  const notices = noticesOf(cluster, imagesOf(cluster), cluster.now());
  setText(
    nothing,
    cluster.status === undefined ? 'Loading ...' : notices.length === 0 ? 'Nothing.' : '',
  );
  syncList(body, notices, {
    key: ({ key }) => key,
    create: () =>
      h('li', { class: 'notice' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), h('a')),
    update: (item, { mood, text, href = '' }) => {
      setAttribute(item, 'data-mood', mood);
      const link = item.lastElementChild;
      if (!link) return;
      setText(link, text);
      setAttribute(link, 'href', href);
    },
  });
}

/**
 * @param {ViewContext} context
 * @param {Section} section
 */
function drawReasons({ cluster }, { body, nothing }) {
  const reasons = cluster.status?.reasons ?? [];
  const most = Math.max(1, ...reasons.map((one) => one.count));
  setText(
    nothing,
    cluster.status === undefined ? 'Loading ...' : reasons.length === 0 ? 'No request waits.' : '',
  );
  syncList(body, reasons.slice(0, MOST_REASONS), {
    key: ({ provider, pool, answer, code }) => `${provider}/${pool}/${answer}/${code}`,
    create: ({ code }) =>
      h(
        'li',
        { class: 'reason' },
        h('span', { class: 'reason-count' }),
        h(
          'span',
          { class: 'reason-words' },
          h('a', { href: `?${new URLSearchParams({ tab: 'requests', reason: code })}` }),
          h('span', { class: 'muted' }),
          h('span', { class: 'track', 'aria-hidden': 'true' }, h('span', { class: 'used' })),
        ),
      ),
    update: (item, { provider, pool, text, answer, count: number }) => {
      const [amount, saying] = item.children;
      const [link, place, track] = saying?.children ?? [];
      if (!(amount && link && place && track)) return;
      setText(amount, count(number));
      setText(link, text);
      setText(place, `${provider} / ${pool}, ${answer === 'defer' ? 'not now' : 'declined'}`);
      if (track.firstElementChild instanceof HTMLElement)
        track.firstElementChild.style.width = `${((number / most) * 100).toFixed(1)}%`;
    },
  });
}
