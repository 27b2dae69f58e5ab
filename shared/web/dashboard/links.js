/** Links from one thing to another on this page. */
import { h } from './dom.js';

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
 * A list of nodes that match.
 *
 * @param {Record<string, string>} filters
 */
export function nodesHref(filters) {
  return `?${new URLSearchParams({ tab: 'nodes', ...filters })}`;
}
