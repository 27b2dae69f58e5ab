/** Links from one thing to another on this page. */
import { h, setAttribute, setText } from './dom.js';

/** Which tab lists what can be selected. */
const TABS = { node: 'nodes', request: 'requests', launch: 'launches', image: 'images' };

/** @typedef {keyof typeof TABS} ItemKind */

/**
 * @param {ItemKind} kind
 * @param {string} id
 */
export function hrefOf(kind, id) {
  return `?${new URLSearchParams({ tab: TABS[kind], sel: `${kind}:${id}` })}`;
}

/**
 * @param {ItemKind} kind
 * @param {string} id
 * @param {string} [text]
 */
export function linkTo(kind, id, text = id) {
  return h('a', { href: hrefOf(kind, id), class: 'mono' }, text);
}

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
 * A list of nodes that match.
 *
 * @param {Record<string, string>} filters
 */
export function nodesHref(filters) {
  return `?${new URLSearchParams({ tab: 'nodes', ...filters })}`;
}
