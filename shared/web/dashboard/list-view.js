/**
 * A tab that is a list: search, filters with counts, order, and a grid. What it shows is in the address.
 *
 * @import { Change } from './types.ts'
 * @import { View, ViewContext } from './view-types.ts'
 * @import { Column } from './grid-types.ts'
 * @import { Order } from './choose-rows.js'
 */
import { countBy, haystackOf, orderText, parseOrder, searcher, sortRows } from './choose-rows.js';
import { h, setAttribute, setText } from './dom.js';
import { FilterBar } from './filter-bar.js';
import { count, countOf, plural } from './format.js';
import { Grid } from './grid.js';

/**
 * @template T
 * @typedef {object} Filter
 * @property {string} name in the address
 * @property {string} label
 * @property {'chips' | 'select'} kind chips: several at once, with counts
 * @property {(row: T) => string | readonly string[] | null | undefined} valueOf
 * @property {string} [all] of a select: what it says while nothing is chosen
 * @property {(value: string) => string} [say]
 */

/**
 * @template T
 * @typedef {object} ListOptions
 * @property {string} id of the tab
 * @property {string} title
 * @property {string} noun
 * @property {string} placeholder what can be searched for
 * @property {string} item kind of the selection in the address
 * @property {readonly Change[]} sources what has to change for the rows to change
 * @property {() => readonly T[]} rows
 * @property {readonly (Column<T> & { sortBy?: (row: T) => string | number | null | undefined })[]} columns
 * @property {readonly Filter<T>[]} filters
 * @property {Order} order
 * @property {(row: T) => string} [searched] further text, in small letters
 * @property {() => boolean} isWhole whether all rows have come
 * @property {string} [nothing] what is said where there are no rows at all
 * @property {HTMLElement} [above]
 * @property {(changes: ReadonlySet<Change>) => void} [drawAbove]
 * @property {() => number} [count]
 */

/**
 * @template {{ readonly id: string }} T
 * @implements {View}
 */
export class ListView {
  /** @type {ViewContext} */
  #context;
  /** @type {ListOptions<T>} */
  #options;
  #bar;
  #grid;
  #shownCount = h('p', { class: 'row-count' });
  #lastQuestion = '';
  element;

  /**
   * @param {ViewContext} context
   * @param {ListOptions<T>} options
   */
  constructor(context, options) {
    this.#context = context;
    this.#options = options;
    const { id, title, item, columns, above } = options;
    this.#bar = new FilterBar(context.address, options);
    this.#grid = new Grid({
      name: id,
      label: title,
      columns,
      emptyText: '',
      onOpen: (row, isByKey) => {
        context.address.set({ sel: `${item}:${row}` });
        // Where there is no room for both, the list has gone and the focus with it.
        const isListGone = this.element.offsetParent === null;
        if (isByKey || isListGone) document.getElementById('details-title')?.focus();
      },
      onOrder: (key) => {
        this.#orderBy(key);
      },
    });
    // The first letter is as quick as the next ones.
    this.#bar.search.addEventListener('focus', () => {
      for (const row of options.rows()) haystackOf(row);
    });
    this.element = h('div', { class: `view list-view view-${id}` });
    if (above) this.element.append(above);
    this.#bar.element.append(this.#shownCount);
    this.element.append(this.#bar.element, this.#grid.element);
  }

  get id() {
    return this.#options.id;
  }

  get title() {
    return this.#options.title;
  }

  get search() {
    return this.#bar.search;
  }

  count() {
    return this.#options.count?.() ?? this.#options.rows().length;
  }

  focusRows() {
    this.#grid.focus();
  }

  /** @param {ReadonlySet<Change>} changes */
  draw(changes) {
    const { sources, drawAbove, item } = this.#options;
    drawAbove?.(changes);
    const { address } = this.#context;
    const [kind, ...rest] = address.get('sel').split(':');
    this.#grid.select(kind === item ? rest.join(':') : '');
    this.#bar.draw();
    // A second that has gone by changes ages and nothing else.
    this.#showRows(changes.has('address') || sources.some((one) => changes.has(one)));
  }

  /** @type {{ rows: readonly T[], order: Order }} */
  #chosen = { rows: [], order: { key: '', isDown: false } };

  /** @param {boolean} isNew */
  #showRows(isNew) {
    if (isNew) this.#chosen = this.#choose();
    this.#grid.setRows(this.#chosen.rows, this.#chosen.order);
  }

  #choose() {
    const { address, announcer } = this.#context;
    const { filters, columns, searched, noun, order: usual } = this.#options;
    const all = this.#options.rows();
    const question = address.get('q');
    const matches = searcher(question);
    let rows = question === '' ? all : all.filter((row) => matches(row, searched?.(row)));
    for (const filter of filters) {
      if (filter.kind !== 'select') continue;
      this.#bar.offer(filter.name, countBy(all, filter.valueOf));
      rows = keep(rows, filter, address.list(filter.name));
    }
    for (const filter of filters) {
      if (filter.kind !== 'chips') continue;
      this.#bar.offer(filter.name, countBy(rows, filter.valueOf));
      rows = keep(rows, filter, address.list(filter.name));
    }
    const order = parseOrder(address.get('sort'), usual);
    const column = columns.find(({ key }) => key === order.key);
    const sorted = sortRows(rows, column?.sortBy ?? column?.text ?? (() => null), order.isDown);
    this.#tellCount(sorted.length, all.length);
    const asked = JSON.stringify([question, ...filters.map(({ name }) => address.get(name))]);
    if (this.#lastQuestion !== '' && asked !== this.#lastQuestion) {
      announcer.say(`${countOf(sorted.length, noun)} of ${count(all.length)}`);
      this.#grid.toTop();
    }
    this.#lastQuestion = asked;
    return { rows: sorted, order };
  }

  /**
   * @param {number} shown
   * @param {number} all
   */
  #tellCount(shown, all) {
    const { noun, isWhole, nothing } = this.#options;
    const text = shown === all ? countOf(all, noun) : `${count(shown)} of ${countOf(all, noun)}`;
    setText(this.#shownCount, text);
    const isLoading = !isWhole();
    this.#grid.setEmptyText(
      isLoading
        ? 'Loading ...'
        : all === 0
          ? (nothing ?? `There are no ${plural(noun)}.`)
          : `No ${noun} fits.`,
    );
    setAttribute(this.element, 'aria-busy', isLoading ? 'true' : null);
  }

  /** @param {string} key */
  #orderBy(key) {
    const { address } = this.#context;
    const now = parseOrder(address.get('sort'), this.#options.order);
    const next = { key, isDown: now.key === key ? !now.isDown : false };
    address.set({ sort: orderText(next) });
  }
}

/**
 * @template T
 * @param {readonly T[]} rows
 * @param {Filter<T>} filter
 * @param {readonly string[]} wanted
 */
function keep(rows, { valueOf }, wanted) {
  if (wanted.length === 0) return rows;
  return rows.filter((row) => {
    const value = valueOf(row) ?? [];
    return typeof value === 'string'
      ? wanted.includes(value)
      : value.some((one) => wanted.includes(one));
  });
}
