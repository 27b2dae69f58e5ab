/** Facts of one thing as a list of names and values. Those without value are left away. */
import { h, replaceContent, setText, syncList } from './dom.js';

/** @typedef {{ text: string, href?: string }} Said */
/** @typedef {readonly [name: string, value: string | Said | readonly Said[] | null | undefined]} Fact */

export function factList() {
  return h('dl', { class: 'facts' });
}

/**
 * @param {HTMLElement} list
 * @param {readonly Fact[]} facts
 */
export function drawFacts(list, facts) {
  const shown = facts.flatMap(([name, value]) => {
    if (value === null || value === undefined || value === '') return [];
    const said =
      typeof value === 'string'
        ? [{ text: value }]
        : Array.isArray(value)
          ? value
          : [/** @type {Said} */ (value)];
    return said.length === 0 ? [] : [{ name, said }];
  });
  syncList(list, shown, {
    key: ({ name }) => name,
    create: ({ name }) => h('div', {}, h('dt', {}, name), h('dd')),
    update: (item, { said }) => {
      const value = item.lastElementChild;
      if (value) drawSaid(value, said);
    },
  });
}

/**
 * @param {Element} value
 * @param {readonly Said[]} said
 */
function drawSaid(value, said) {
  const [only] = said;
  const signature = JSON.stringify(said);
  if (!(value instanceof HTMLElement) || value.dataset.said === signature) return;
  value.dataset.said = signature;
  if (said.length === 1 && only?.href === undefined) setText(value, only?.text ?? '');
  else
    replaceContent(
      value,
      ...said.flatMap(({ text, href }, index) => [
        index > 0 && ', ',
        href === undefined ? text : h('a', { href }, text),
      ]),
    );
}
