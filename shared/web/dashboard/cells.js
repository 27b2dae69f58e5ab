/** Cells of a grid that hold more than a text. They are drawn again and again, so what is there stays. */
import { h, setAttribute, setText } from './dom.js';

/**
 * For a row's first cell. Not in the order of tabs: the grid has the keyboard, and there are thousands.
 *
 * @param {HTMLElement} cell
 * @param {string} href
 * @param {string} text
 */
export function fillLink(cell, href, text) {
  let link = cell.firstElementChild;
  if (!(link instanceof HTMLAnchorElement)) {
    link = h('a', { tabindex: -1 });
    cell.replaceChildren(link);
  }
  setAttribute(link, 'href', href);
  setText(link, text);
}

/**
 * A cell whose text may be long: it is cut at the end, and whole in the tip.
 *
 * @param {HTMLElement} cell
 * @param {string} text
 */
export function fillLong(cell, text) {
  let span = cell.firstElementChild;
  if (span === null) {
    span = h('span', { class: 'clamp' });
    cell.append(span);
  }
  setText(span, text);
  setAttribute(span, 'title', text);
}
