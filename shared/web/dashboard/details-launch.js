/**
 * One launch, step by step.
 *
 * @import { LauncherStatus } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 * @import { Details } from './details.js'
 */
import { h, setText, syncList } from './dom.js';
import { drawFacts, factList } from './facts.js';
import { duration, moment } from './format.js';
import { hrefOf } from './links.js';
import { phaseName, phaseTone } from './phases.js';

/** @typedef {LauncherStatus['launches'][number]} Launch */

/**
 * @param {ViewContext} context
 * @param {string} id
 * @returns {Details}
 */
export function launchDetails({ cluster }, id) {
  const trouble = h('p', { class: 'problem', hidden: true });
  const list = factList();
  const steps = h('tbody');
  const head = h(
    'tr',
    {},
    ...['Phase', 'Took', 'Since', 'Try'].map((name) => h('th', { scope: 'col' }, name)),
  );
  const table = h('table', { class: 'steps', 'aria-label': 'Phases' }, h('thead', {}, head), steps);
  return {
    element: h('div', {}, trouble, h('h3', {}, 'Phases'), table, h('h3', {}, 'Facts'), list),
    draw: () => {
      const launch = cluster.status?.launches.find(({ key }) => key === id);
      if (launch === undefined) return cluster.status === undefined;
      trouble.hidden = launch.problem === null;
      setText(trouble, launch.problem ?? '');
      drawSteps(steps, launch, cluster.now());
      drawFacts(list, factsOf(launch));
      return true;
    },
  };
}

/**
 * @param {HTMLElement} body
 * @param {Launch} launch
 * @param {number} now
 */
function drawSteps(body, { steps, ended }, now) {
  const rows = steps.map((step, index) => ({
    ...step,
    until: steps[index + 1]?.since ?? ended ?? now,
  }));
  syncList(body, rows, {
    key: ({ phase, since }) => `${phase} ${since}`,
    create: ({ phase }) =>
      h(
        'tr',
        {},
        h(
          'td',
          {},
          h('span', { class: 'swatch', 'data-tone': phaseTone(phase), 'aria-hidden': 'true' }),
          phaseName(phase),
        ),
        h('td', { class: 'number' }),
        h('td', { class: 'number' }),
        h('td', { class: 'number' }),
      ),
    update: (row, { since, until, attempt }) => {
      const [, took, from, tries] = row.cells;
      if (!(took && from && tries)) return;
      setText(took, until > since ? duration(until - since) : '');
      setText(from, moment(since, now));
      setText(tries, attempt === null ? '' : String(attempt));
    },
  });
}

/**
 * @param {Launch} launch
 * @returns {import('./facts.js').Fact[]}
 */
function factsOf({ label, provider, pool, node, request, event_id, attempt, attempts }) {
  return [
    ['Label', label],
    ['Provider', provider],
    ['Pool', pool],
    ['Node', node && { text: node, href: hrefOf('node', node) }],
    ['Request', { text: request, href: hrefOf('request', request) }],
    ['Event', event_id],
    ['Try', attempt === null ? null : `${attempt} of ${attempts}`],
  ];
}
