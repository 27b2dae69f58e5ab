/**
 * States as a small mark with their word. The mark's form says the same as its colour: full is well,
 * half is on its way, empty is idle, a triangle is a problem, a square is held back by somebody.
 */
import { h, setAttribute, setText } from './dom.js';
import { words } from './format.js';

/** @typedef {'good' | 'busy' | 'idle' | 'bad' | 'held' | 'used'} Mood */

/** @type {Readonly<Record<string, Mood>>} */
const MOODS = {
  // of nodes
  init: 'busy',
  building: 'busy',
  testing: 'busy',
  ready: 'good',
  'in-use': 'used',
  used: 'idle',
  hold: 'held',
  deleting: 'busy',
  deleted: 'idle',
  failed: 'bad',
  aborted: 'bad',
  // of requests
  requested: 'idle',
  pending: 'busy',
  fulfilled: 'good',
  // of uploads and processes
  uploading: 'busy',
  running: 'good',
  starting: 'busy',
  initializing: 'busy',
  paused: 'held',
  absent: 'bad',
  draining: 'held',
  drained: 'held',
  stopped: 'idle',
  stopping: 'busy',
  unreachable: 'bad',
};

/**
 * @param {string} state
 * @returns {Mood}
 */
export function moodOf(state) {
  return MOODS[state] ?? 'idle';
}

/**
 * @param {string} state
 * @param {{ mood?: Mood, text?: string }} [how]
 */
export function stateMark(state, { mood = moodOf(state), text = words(state) } = {}) {
  return h(
    'span',
    { class: 'state', 'data-mood': mood },
    h('span', { class: 'mark', 'aria-hidden': 'true' }),
    text,
  );
}

/**
 * For cells that are drawn again and again.
 *
 * @param {HTMLElement} cell
 * @param {string} state
 * @param {{ mood?: Mood, text?: string }} [how]
 */
export function fillState(cell, state, how) {
  const said = how?.text ?? words(state);
  const known = cell.firstElementChild;
  if (known?.classList.contains('state')) {
    setAttribute(known, 'data-mood', how?.mood ?? moodOf(state));
    const text = known.lastChild;
    if (text) setText(text, said);
  } else cell.replaceChildren(stateMark(state, how));
}
