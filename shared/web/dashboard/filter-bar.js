/**
 * Search field, filters and the way out of them, above a list. Reads and writes the address.
 *
 * @import { Address } from './address.js'
 * @import { Filter } from './list-view.js'
 */
import { h, setAttribute, setText, syncList } from './dom.js';
import { count, plural, words } from './format.js';
import { moodOf } from './state-mark.js';

export class FilterBar {
  /** @type {Address} */
  #address;
  /** @type {readonly Filter<any>[]} */
  #filters;
  /** @type {Map<string, readonly [string, number][]>} */
  #offers = new Map();
  /** @type {Map<string, HTMLElement>} */
  #controls = new Map();
  #clear;
  element;
  search;

  /**
   * @param {Address} address
   * @param {{ id: string, noun: string, placeholder: string, filters: readonly Filter<any>[] }} options
   */
  constructor(address, { id, noun, placeholder, filters }) {
    this.#address = address;
    this.#filters = filters;
    this.search = h('input', {
      type: 'search',
      class: 'search',
      'aria-label': `Search ${plural(noun)}`,
      'aria-keyshortcuts': '/',
      placeholder,
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => {
        address.set({ q: this.search.value }, { isTyping: true });
      },
    });
    this.#clear = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          this.clear();
        },
      },
      'Clear filters',
    );
    this.element = h('div', {
      class: 'toolbar',
      role: 'search',
      'aria-label': `Filter ${plural(noun)}`,
    });
    this.element.append(this.search);
    const selects = filters.filter(({ kind }) => kind === 'select');
    const chips = filters.filter(({ kind }) => kind === 'chips');
    this.element.append(...selects.map((one) => this.#select(id, one)), this.#clear);
    this.element.append(...chips.map((one) => this.#chips(one)));
  }

  /** @param {Filter<any>} filter */
  #chips(filter) {
    const group = h('div', { class: 'chips', role: 'group', 'aria-label': filter.label });
    this.#controls.set(filter.name, group);
    return group;
  }

  /**
   * @param {string} id
   * @param {Filter<any>} filter
   */
  #select(id, { name, label, all }) {
    const select = h('select', {
      id: `${id}-${name}`,
      onchange: () => {
        this.#address.set({ [name]: select.value });
      },
    });
    select.append(h('option', { value: '', 'data-key': '' }, all ?? 'all'));
    this.#controls.set(name, select);
    return h('label', { class: 'choice' }, h('span', { class: 'unseen' }, label), select);
  }

  /**
   * What there is to choose from. What is chosen stays among it.
   *
   * @param {string} name
   * @param {readonly [string, number][]} values
   */
  offer(name, values) {
    const missing = this.#address
      .list(name)
      .filter((one) => !values.some(([value]) => value === one));
    this.#offers.set(name, [
      ...values,
      ...missing.map((one) => /** @type {[string, number]} */ ([one, 0])),
    ]);
    this.#drawFilters();
  }

  clear() {
    this.#address.set({
      q: '',
      ...Object.fromEntries(this.#filters.map(({ name }) => [name, ''])),
    });
    this.search.focus();
  }

  draw() {
    const question = this.#address.get('q');
    if (this.search.value !== question) this.search.value = question;
    const names = ['q', ...this.#filters.map(({ name }) => name)];
    this.#clear.hidden = names.every((name) => this.#address.get(name) === '');
    this.#drawFilters();
  }

  #drawFilters() {
    for (const { name, kind, say = words } of this.#filters) {
      const control = this.#controls.get(name);
      const offers = this.#offers.get(name) ?? [];
      if (control instanceof HTMLSelectElement) this.#drawSelect(control, offers, name);
      else if (control && kind === 'chips') this.#drawChips(control, offers, { name, say });
    }
  }

  /**
   * @param {HTMLSelectElement} select
   * @param {readonly [string, number][]} offers
   * @param {string} name
   */
  #drawSelect(select, offers, name) {
    const names = offers.map(([value]) => value).sort();
    syncList(select, ['', ...names], {
      key: (value) => value,
      create: (value) => h('option', { value }, value),
    });
    const chosen = this.#address.get(name);
    if (select.value !== chosen) select.value = chosen;
    setAttribute(select, 'data-on', chosen !== '');
  }

  /**
   * @param {HTMLElement} group
   * @param {readonly [string, number][]} offers
   * @param {{ name: string, say: (value: string) => string }} filter
   */
  #drawChips(group, offers, { name, say }) {
    const chosen = this.#address.list(name);
    syncList(group, [...offers].sort(byName), {
      key: ([value]) => value,
      create: ([value]) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'data-mood': moodOf(value),
            onclick: () => {
              this.#toggle(name, value);
            },
          },
          h('span', { class: 'mark', 'aria-hidden': 'true' }),
          h('span', {}, say(value)),
          h('span', { class: 'chip-count' }),
        ),
      update: (chip, [value, number]) => {
        setAttribute(chip, 'aria-pressed', String(chosen.includes(value)));
        if (chip.lastChild) setText(chip.lastChild, count(number));
      },
    });
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #toggle(name, value) {
    const chosen = this.#address.list(name);
    const next = chosen.includes(value)
      ? chosen.filter((one) => one !== value)
      : [...chosen, value];
    this.#address.set({ [name]: next.join(',') });
  }
}

/**
 * Counts change all the time; chips that changed places could not be hit.
 *
 * @param {[string, number]} a
 * @param {[string, number]} b
 */
function byName(a, b) {
  return a[0] < b[0] ? -1 : 1;
}
