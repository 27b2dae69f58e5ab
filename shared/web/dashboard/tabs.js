/**
 * The tabs: arrows, Home and End move between them, as the ARIA pattern for tabs has it. A tab's panel
 * is in the page while it is shown, and drawn then only.
 *
 * @import { Address } from './address.js'
 * @import { View } from './view-types.ts'
 */
import { byId, h, setAttribute, setText } from './dom.js';
import { count } from './format.js';

export class Tabs {
  /** @type {Address} */
  #address;
  /** @type {readonly View[]} */
  #views;
  #list = byId('tabs', HTMLElement);
  #panel = byId('panel', HTMLElement);
  #title = byId('panel-title', HTMLElement);
  /** @type {Map<string, HTMLButtonElement>} */
  #tabs = new Map();

  /**
   * @param {Address} address
   * @param {readonly View[]} views
   */
  constructor(address, views) {
    this.#address = address;
    this.#views = views;
    for (const { id, title } of views) {
      const tab = h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${id}`,
          'aria-controls': 'panel',
          onclick: () => {
            address.openTab(id);
          },
        },
        h('span', {}, title),
        h('span', { class: 'tab-count' }),
      );
      this.#tabs.set(id, tab);
      this.#list.append(tab);
    }
    this.#list.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
  }

  /** The view that is shown. */
  get view() {
    const view = this.#views.find(({ id }) => id === this.#address.tab) ?? this.#views[0];
    if (view === undefined) throw new Error('there are no views');
    return view;
  }

  /** @returns {boolean} whether another one is shown now */
  draw() {
    const { view } = this;
    for (const one of this.#views) {
      const tab = this.#tabs.get(one.id);
      if (tab === undefined) continue;
      const isShown = one === view;
      setAttribute(tab, 'aria-selected', String(isShown));
      setAttribute(tab, 'tabindex', isShown ? '0' : '-1');
      const number = one.count?.();
      if (tab.lastElementChild && number !== undefined)
        setText(tab.lastElementChild, count(number));
    }
    if (this.#panel.contains(view.element)) return false;
    this.#panel.querySelector('.view')?.remove();
    this.#panel.append(view.element);
    setAttribute(this.#panel, 'aria-labelledby', `tab-${view.id}`);
    setText(this.#title, view.title);
    document.title = `${view.title} - Nodepool`;
    this.#tabs.get(view.id)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return true;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const at = this.#views.indexOf(this.view);
    const last = this.#views.length - 1;
    const to = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    const next = to === undefined ? undefined : this.#views[to];
    if (next === undefined) return;
    event.preventDefault();
    this.#address.openTab(next.id);
    this.#tabs.get(next.id)?.focus();
  }
}
