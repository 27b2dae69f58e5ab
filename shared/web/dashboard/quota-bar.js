/**
 * One limit as a bar: what is used, what is kept for launches that have begun, what is left.
 *
 * @import { LauncherStatus } from './types.ts'
 */
import { h, setAttribute, setText } from './dom.js';
import { amount, resourceName } from './format.js';

/** @typedef {LauncherStatus['providers'][number]['quota'][number]} ResourceUse */

/** From here on a bar warns. */
const TIGHT = 0.9;

export function quotaBar() {
  return h(
    'div',
    { class: 'quota' },
    h('span', { class: 'quota-name' }),
    h(
      'span',
      { class: 'track', role: 'meter', 'aria-valuemin': 0 },
      h('span', { class: 'used' }),
      h('span', { class: 'reserved' }),
    ),
    h('span', { class: 'quota-text' }),
  );
}

/**
 * @param {HTMLElement} bar
 * @param {ResourceUse} use
 * @param {string} of whose limit it is, for who does not see where it stands
 */
export function drawQuota(bar, { resource, used, reserved, limit }, of) {
  const [name, track, text] = bar.children;
  if (!(name && track && text)) return;
  // Nothing can be said of a part where there is no whole.
  setAttribute(track, 'hidden', limit === null);
  const shown = resourceName(resource);
  setText(name, shown);
  const sum = used + reserved;
  // Without a limit there is nothing to fill; above one it is full.
  const whole = limit === null ? 0 : Math.max(limit, sum, 1);
  const share = (/** @type {number} */ part) => (whole === 0 ? 0 : (part / whole) * 100);
  setWidth(track.children[0], share(used));
  setWidth(track.children[1], share(reserved));
  setAttribute(track, 'data-level', levelOf({ used, reserved, limit }));
  const max = limit === null ? 'no limit' : amount(resource, limit);
  const kept = reserved > 0 ? ` + ${amount(resource, reserved)}` : '';
  const said = reserved > 0 ? ` used and ${amount(resource, reserved)} reserved` : ' used';
  setText(
    text,
    limit === null
      ? `${amount(resource, used)}${kept}, no limit`
      : `${amount(resource, used)}${kept} of ${max}`,
  );
  setAttribute(track, 'aria-label', `${shown}, ${of}`);
  setAttribute(track, 'aria-valuemax', whole);
  setAttribute(track, 'aria-valuenow', Math.min(whole, sum));
  setAttribute(track, 'aria-valuetext', `${amount(resource, used)}${said} of ${max}`);
}

/**
 * @param {Pick<ResourceUse, 'used' | 'reserved' | 'limit'>} use
 * @returns {'over' | 'full' | 'tight' | 'fine' | 'none'}
 */
export function levelOf({ used, reserved, limit }) {
  if (limit === null) return 'none';
  const sum = used + reserved;
  if (sum > limit) return 'over';
  if (sum === limit) return limit === 0 ? 'none' : 'full';
  return sum >= limit * TIGHT ? 'tight' : 'fine';
}

/**
 * @param {Element | undefined} part
 * @param {number} percent
 */
function setWidth(part, percent) {
  if (part instanceof HTMLElement) part.style.width = `${percent.toFixed(2)}%`;
}
