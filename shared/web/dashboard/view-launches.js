/**
 * Launches of this launcher as a timeline: a line each node, a bar each phase.
 *
 * @import { LauncherStatus } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 * @import { Segment } from './timeline.js'
 */
import { h, setAttribute, setText, syncList } from './dom.js';
import { duration } from './format.js';
import { fillLink } from './cells.js';
import { ListView } from './list-view.js';
import { phaseName, phaseTone, TONES } from './phases.js';
import { endOf, sayLaunch, segmentsOf, ticksOf } from './timeline.js';

/** @typedef {LauncherStatus['launches'][number] & { readonly id: string }} LaunchRow */

const RANGES = [
  ['120', '2 minutes'],
  ['300', '5 minutes'],
  ['900', '15 minutes'],
  ['3600', '1 hour'],
];
const USUAL_RANGE = 300;

/**
 * @param {ViewContext} context
 * @returns {ListView<LaunchRow>}
 */
export function launchesView(context) {
  const { cluster, address } = context;
  const axis = () => {
    const span = Number(address.get('range')) || USUAL_RANGE;
    const now = cluster.now();
    // A little of what is to come, so that the line of now is seen.
    return { from: now - span * 0.97, to: now + span * 0.03, now };
  };
  const ruler = h('div', { class: 'ruler', 'aria-hidden': 'true' });
  const head = h(
    'div',
    { class: 'timeline-head' },
    h('span', { class: 'unseen' }, 'Phases'),
    ruler,
  );
  const legend = makeLegend(context);
  return new ListView(context, {
    id: 'launches',
    title: 'Launches',
    noun: 'launch',
    item: 'launch',
    placeholder: 'Search node, request, label, problem',
    sources: ['status'],
    above: legend.element,
    drawAbove: () => {
      legend.draw();
      drawRuler(ruler, axis());
    },
    rows: () => rowsOf(cluster.status),
    count: () => (cluster.status?.launches ?? []).filter(({ ended }) => ended === null).length,
    isWhole: () => cluster.status !== undefined,
    nothing: 'Nothing is being launched.',
    order: { key: 'begun', isDown: true },
    filters: [
      { name: 'outcome', label: 'Outcome', kind: 'chips', valueOf: outcomeOf },
      {
        name: 'provider',
        label: 'Provider',
        kind: 'select',
        all: 'All providers',
        valueOf: ({ provider }) => provider,
      },
    ],
    columns: columnsOf(context, head, axis),
  });
}

/**
 * @param {ViewContext} context
 * @param {HTMLElement} head of the timeline
 * @param {() => { from: number, to: number, now: number }} axis
 * @returns {import('./list-view.js').ListOptions<LaunchRow>['columns']}
 */
function columnsOf({ address }, head, axis) {
  return [
    {
      key: 'begun',
      title: 'Node',
      width: '7.5rem',
      kind: 'mono',
      sortBy: ({ steps }) => steps[0]?.since,
      fill: (cell, { id, node }) => {
        fillLink(cell, address.href({ sel: `launch:${id}` }), node ?? 'none yet');
      },
    },
    { key: 'label', title: 'Label', width: '15%', kind: 'desk-only', text: ({ label }) => label },
    {
      key: 'provider',
      title: 'Provider',
      width: '13%',
      kind: 'wide-only',
      text: ({ provider, pool }) => `${provider} / ${pool}`,
    },
    { key: 'try', title: 'Try', width: '3.5rem', kind: 'number desk-only', text: sayAttempt },
    {
      key: 'line',
      title: 'Phases',
      width: '50%',
      kind: 'timeline',
      isFixed: true,
      head: () => head,
      fill: (cell, row) => {
        drawLine(cell, row, axis());
      },
    },
    {
      key: 'problem',
      title: 'Last problem',
      width: '20%',
      kind: 'wide-only',
      text: ({ problem }) => problem ?? '',
    },
  ];
}

/** @type {WeakMap<object, readonly LaunchRow[]>} */
const made = new WeakMap();

/** @param {LauncherStatus | undefined} status */
function rowsOf(status) {
  if (status === undefined) return [];
  let rows = made.get(status);
  if (rows === undefined) {
    rows = status.launches.map((one) => ({ id: one.key, ...one }));
    made.set(status, rows);
  }
  return rows;
}

/** @param {LaunchRow} launch */
export function outcomeOf({ ended, steps }) {
  if (ended === null) return 'under-way';
  return steps.at(-1)?.phase === 'ready' ? 'ready' : 'failed';
}

/** @param {LaunchRow} launch */
function sayAttempt({ attempt, attempts }) {
  return attempt === null ? '' : `${attempt}/${attempts}`;
}

/** @param {ViewContext} context */
function makeLegend({ address }) {
  const range = h('select', {
    onchange: () => {
      address.set({ range: range.value });
    },
  });
  for (const [value = '', text = ''] of RANGES) range.append(h('option', { value }, text));
  const keys = TONES.map(({ tone, name }) =>
    h('li', {}, h('span', { class: 'swatch', 'data-tone': tone, 'aria-hidden': 'true' }), name),
  );
  const ends = ['ready', 'failed'].map((tone) =>
    h(
      'li',
      {},
      h('span', { class: 'end-mark', 'data-tone': tone, 'aria-hidden': 'true' }),
      tone === 'ready' ? 'ready' : 'given up',
    ),
  );
  const element = h(
    'div',
    { class: 'legend' },
    h('ul', { 'aria-label': 'Legend' }, ...keys, ...ends),
    h('label', { class: 'choice' }, h('span', {}, 'Last'), range),
  );
  return {
    element,
    draw: () => {
      const wanted = String(Number(address.get('range')) || USUAL_RANGE);
      if (range.value !== wanted) range.value = wanted;
    },
  };
}

/**
 * @param {HTMLElement} ruler
 * @param {{ from: number, to: number, now: number }} axis
 */
function drawRuler(ruler, axis) {
  const room = Math.max(2, Math.floor(ruler.clientWidth / 90));
  syncList(ruler, ticksOf(axis, room), {
    key: ({ ago }) => String(ago),
    create: ({ ago }) => h('span', { class: 'tick' }, ago === 0 ? 'now' : `−${duration(ago)}`),
    update: (tick, { left }) => {
      tick.style.left = `${left.toFixed(2)}%`;
    },
  });
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {LaunchRow} row
 * @param {{ from: number, to: number, now: number }} axis
 */
function drawLine(cell, row, axis) {
  let line = cell.firstElementChild;
  if (!(line instanceof HTMLElement)) {
    line = h(
      'div',
      { class: 'line' },
      h('span', { class: 'unseen' }),
      h('span', { class: 'bars', 'aria-hidden': 'true' }),
      h('span', { class: 'end-mark', 'aria-hidden': 'true' }),
      h('span', { class: 'now-line', 'aria-hidden': 'true' }),
    );
    cell.replaceChildren(line);
  }
  const [said, bars, mark, now] = /** @type {HTMLElement[]} */ ([...line.children]);
  if (!said || !bars || !mark || !now) return;
  const segments = segmentsOf(row, axis);
  setText(said, `${sayLaunch(segments, phaseName, duration)}${endWords(row)}`);
  const left = ((axis.now - axis.from) / (axis.to - axis.from)) * 100;
  now.style.left = `${left.toFixed(2)}%`;
  syncList(bars, [...segments.entries()], {
    key: ([index, { phase }]) => `${phase} ${index}`,
    create: ([, { phase }]) => h('span', { class: 'bar', 'data-tone': phaseTone(phase) }),
    update: (bar, [, segment]) => {
      drawBar(bar, segment);
    },
  });
  const end = endOf(row, axis);
  mark.hidden = end === undefined;
  if (end === undefined) return;
  mark.dataset.tone = end.isReady ? 'ready' : 'failed';
  mark.style.left = `${end.left.toFixed(2)}%`;
}

/** @param {LaunchRow} row */
function endWords(row) {
  const outcome = outcomeOf(row);
  return outcome === 'under-way' ? '' : outcome === 'ready' ? ', then ready' : ', then given up';
}

/**
 * @param {HTMLElement} bar
 * @param {Segment} segment
 */
function drawBar(bar, { phase, left, width, seconds, attempt, isNow }) {
  bar.style.left = `${left.toFixed(2)}%`;
  bar.style.width = `${width.toFixed(2)}%`;
  setAttribute(bar, 'data-now', isNow);
  const text = `${phaseName(phase)}, ${duration(seconds)}`;
  setAttribute(bar, 'title', attempt !== null && attempt > 1 ? `${text}, try ${attempt}` : text);
  setText(bar, width > 8 ? duration(seconds) : '');
}
