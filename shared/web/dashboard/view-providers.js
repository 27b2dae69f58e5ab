/**
 * Providers of this launcher: whether they run, and how much of each limit is taken.
 *
 * @import { Change, LauncherStatus } from './types.ts'
 * @import { View, ViewContext } from './view-types.ts'
 */
import { h, replaceContent, setText, syncList } from './dom.js';
import { count, countOf, duration } from './format.js';
import { nodesHref } from './links.js';
import { drawQuota, quotaBar } from './quota-bar.js';
import { fillState, stateMark } from './state-mark.js';

/** @typedef {LauncherStatus['providers'][number]} Provider */
/** @typedef {Provider['pools'][number]} Pool */

/**
 * @param {ViewContext} context
 * @returns {View}
 */
export function providersView({ cluster }) {
  const list = h('div', { class: 'cards' });
  const note = h('p', { class: 'note' });
  const empty = h('p', { class: 'empty' });
  const providers = () => cluster.status?.providers ?? [];
  return {
    id: 'providers',
    title: 'Providers',
    element: h('div', { class: 'view scroll-view' }, note, list, empty),
    count: () => providers().length,
    /** @param {ReadonlySet<Change>} changes */
    draw: (changes) => {
      if (!changes.has('status') && !changes.has('time') && !changes.has('address')) return;
      const isKnown = cluster.status !== undefined;
      setText(
        note,
        isKnown
          ? `As launcher ${cluster.status?.launcher ?? ''} has them; other launchers have pages of their own. Bars: full is used, hatched is reserved for launches that have begun.`
          : '',
      );
      empty.hidden = providers().length > 0;
      setText(empty, isKnown ? 'This launcher has no providers.' : 'Loading ...');
      syncList(list, [...providers()].sort(byTrouble), {
        key: ({ name }) => name,
        create: makeCard,
        update: (card, provider) => {
          drawCard(card, provider, cluster.now());
        },
      });
    },
  };
}

/**
 * What does not run comes first.
 *
 * @param {Provider} a
 * @param {Provider} b
 */
function byTrouble(a, b) {
  const rank = { absent: 0, draining: 1, starting: 2, running: 3 };
  return rank[a.state] - rank[b.state] || (a.name < b.name ? -1 : 1);
}

/** @param {Provider} provider */
function makeCard({ name, driver }) {
  const id = `provider-${name}`;
  return h(
    'article',
    { class: 'card provider', 'aria-labelledby': id },
    h(
      'header',
      {},
      h('h3', { id }, name),
      h('span', { class: 'muted' }, driver),
      h('span', { class: 'provider-state' }),
    ),
    h('p', { class: 'problem', hidden: true }),
    h('p', { class: 'facts-line' }),
    h('div', { class: 'quotas' }),
    h('div', { class: 'pools' }),
  );
}

/**
 * @param {HTMLElement} card
 * @param {Provider} provider
 * @param {number} now
 */
function drawCard(card, provider, now) {
  const { name, state, problem, again_at, launching, deleting, quota, pools } = provider;
  const [header, trouble, facts, limits, poolList] = /** @type {HTMLElement[]} */ ([
    ...card.children,
  ]);
  const mark = header?.lastElementChild;
  if (!trouble || !facts || !limits || !poolList || !(mark instanceof HTMLElement)) return;
  fillState(mark, state);
  trouble.hidden = problem === null;
  const again = again_at === null ? '' : ` Tried again in ${duration(again_at - now)}.`;
  setText(
    trouble,
    problem === null ? '' : `${problem}${/[.!?]$/.test(problem) ? '' : '.'}${again}`,
  );
  if (facts.childElementCount === 0)
    replaceContent(
      facts,
      h('span', {}),
      h('a', { href: nodesHref({ provider: name }) }, 'its nodes'),
    );
  if (facts.firstChild)
    setText(facts.firstChild, `${count(launching)} launching, ${count(deleting)} being deleted · `);
  syncList(limits, quota, {
    key: ({ resource }) => resource,
    create: quotaBar,
    update: (bar, use) => {
      drawQuota(bar, use, `quota of the cloud for ${name}`);
    },
  });
  syncList(poolList, pools, {
    key: ({ id }) => id,
    create: makePool,
    update: (element, pool) => {
      drawPool(element, pool, name);
    },
  });
}

/** @param {Pool} pool */
function makePool({ name }) {
  return h(
    'section',
    { class: 'pool' },
    h('h4', {}, h('span', { class: 'muted' }, 'pool '), name, h('span', { class: 'pool-state' })),
    h('p', { class: 'labels' }),
    h('div', { class: 'quotas' }),
  );
}

/**
 * @param {HTMLElement} element
 * @param {Pool} pool
 * @param {string} provider
 */
function drawPool(element, { name, labels, paused, quota }, provider) {
  const [title, labelLine, limits] = element.children;
  const mark = title?.lastElementChild;
  if (!(mark instanceof HTMLElement && limits instanceof HTMLElement && labelLine)) return;
  if (paused && mark.childElementCount === 0)
    replaceContent(mark, stateMark('paused', { mood: 'held', text: 'takes nothing new now' }));
  if (!paused) mark.replaceChildren();
  setText(
    labelLine,
    labels.length === 0 ? 'no labels' : `${countOf(labels.length, 'label')}: ${labels.join(', ')}`,
  );
  syncList(limits, quota, {
    key: ({ resource }) => resource,
    create: quotaBar,
    update: (bar, use) => {
      drawQuota(bar, use, `pool ${name} of ${provider}`);
    },
  });
}
