/**
 * What a launcher says about one request: the pools' answers, what is missing, who is before it, and
 * where its nodes are.
 *
 * @import { LauncherExplanation } from '../../../schemas/explanation.ts'
 */
import { h, replaceContent } from './dom.js';
import { countOf, duration, gapText } from './format.js';
import { linkTo } from './links.js';
import { phaseName } from './phases.js';
import { stateMark } from './state-mark.js';

/** @typedef {LauncherExplanation['pools'][number]} PoolAnswer */
/** @typedef {NonNullable<LauncherExplanation['serving']>} Serving */

/** Of pools that say the same or nothing of worth. */
const MOST_POOLS = 30;

export function explanationParts() {
  const element = h('div', { class: 'explanation' });
  let shown = '';
  return {
    element,
    /**
     * @param {LauncherExplanation} said
     * @param {number} now
     */
    draw: (said, now) => {
      // Drawn whole, but only where something is new: nothing in it has the focus for long.
      const signature = JSON.stringify([said, Math.floor(now / 10)]);
      if (signature === shown) return;
      shown = signature;
      replaceContent(element, ...contentOf(said, now));
    },
  };
}

/**
 * @param {LauncherExplanation} said
 * @param {number} now
 */
function contentOf({ launcher, is_current, is_busy, serving, pools, absent }, now) {
  const shown = pools.slice(0, MOST_POOLS);
  return [
    !is_current &&
      h(
        'p',
        { class: 'problem' },
        `Launcher ${launcher} decides nothing now: its connection to ZooKeeper is away, or it still reads.`,
      ),
    is_busy &&
      h(
        'p',
        { class: 'note' },
        'So many nodes are being begun that nothing else is looked at for a moment.',
      ),
    serving && servingPart(serving, now),
    shown.length > 0 && h('h3', {}, `Pools of ${launcher}`),
    shown.length > 0 &&
      h('ul', { class: 'plain answers' }, ...shown.map((one) => poolPart(one, now))),
    pools.length > shown.length &&
      h('p', { class: 'muted' }, `and ${countOf(pools.length - shown.length, 'pool')} more`),
    absent.length > 0 && h('h3', {}, 'Providers that do not run'),
    absent.length > 0 &&
      h(
        'ul',
        { class: 'plain answers' },
        ...absent.map(({ provider, reason, again_at }) =>
          h(
            'li',
            {},
            h('strong', {}, provider),
            h('p', {}, reason),
            h(
              'p',
              { class: 'muted' },
              again_at === null
                ? 'is being tried now'
                : `tried again in ${duration(again_at - now)}`,
            ),
          ),
        ),
      ),
  ];
}

/**
 * @param {Serving} serving
 * @param {number} now
 */
function servingPart({ provider, pool, since, before, nodes }, now) {
  return h(
    'section',
    {},
    h('h3', {}, `Served by ${provider} / ${pool} for ${duration(now - since)}`),
    beforePart(before),
    h(
      'ul',
      { class: 'plain answers' },
      ...nodes.map(({ label, phase, since: entered, node, attempt, attempts, problem, missing }) =>
        h(
          'li',
          {},
          h('p', {}, h('strong', {}, label), ' ', node !== null && linkTo('node', node)),
          h(
            'p',
            {},
            `${phaseName(phase)} for ${duration(now - entered)}${attempt === null ? '' : `, try ${attempt} of ${attempts}`}`,
          ),
          problem !== null && h('p', { class: 'problem' }, problem),
          ...missing.map((gap) => h('p', {}, gapText(gap))),
        ),
      ),
    ),
  );
}

/**
 * @param {PoolAnswer} answer
 * @param {number} now
 */
function poolPart({ provider, pool, answer, reasons, since, before }, now) {
  const looks = /** @type {const} */ ({
    accept: { mood: 'good', text: 'takes it' },
    defer: { mood: 'busy', text: 'not now' },
    decline: { mood: 'idle', text: 'declined' },
  })[answer];
  return h(
    'li',
    {},
    h('p', {}, h('strong', {}, `${provider} / ${pool}`), ' ', stateMark(answer, looks)),
    ...reasons.map(({ text, missing }) =>
      h(
        'div',
        {},
        h('p', {}, text),
        ...missing.map((gap) => h('p', { class: 'gap' }, gapText(gap))),
      ),
    ),
    since !== null && h('p', { class: 'muted' }, `says so for ${duration(now - since)}`),
    beforePart(before),
  );
}

/** @param {PoolAnswer['before']} before */
function beforePart({ count, requests }) {
  if (count === 0) return undefined;
  const line = h('p', { class: 'before' }, `${countOf(count, 'request')} before it: `);
  for (const [index, id] of requests.entries())
    line.append(index > 0 ? ', ' : '', linkTo('request', id));
  if (count > requests.length) line.append(` and ${count - requests.length} more`);
  return line;
}
