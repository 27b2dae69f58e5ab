/**
 * A table of any length: only the rows that can be seen are in the page, the rest is room above and
 * below. To assistive technology it is a grid that says how many rows there are and which these are.
 *
 * The table keeps the focus and names the active row (`aria-activedescendant`), because rows come and
 * go while one scrolls. Cells come from columns, which write text and never HTML.
 *
 * @import { Order } from './choose-rows.js'
 * @import { Column, GridOptions } from './grid-types.ts'
 */
import { h, setAttribute, setText } from './dom.js';
import { scrollToSee, windowOfRows } from './window-of-rows.js';

/** @template {{ readonly id: string }} T */
export class Grid {
  /** @type {GridOptions<T>} */
  #options;
  /** @type {readonly T[]} */
  #rows = [];
  /** @type {Map<string, HTMLTableRowElement>} */
  #drawn = new Map();
  /** @type {string | undefined} */
  #active;
  #selected = '';
  /** It has been selected from elsewhere, and its row is to be seen. */
  #isToReveal = false;
  #rowHeight = 30;
  #scroller = h('div', { class: 'grid' });
  #table;
  #head = h('thead');
  #body = h('tbody');
  #above = spacer();
  #below = spacer();
  #empty;
  /** @type {Map<string, HTMLTableCellElement>} */
  #heads = new Map();

  /** @param {GridOptions<T>} options */
  constructor(options) {
    this.#options = options;
    const { name, label } = options;
    this.#table = h(
      'table',
      { role: 'grid', 'aria-label': label, 'aria-rowcount': 1, tabindex: 0, class: `grid-${name}` },
      this.#head,
      this.#body,
    );
    this.#empty = h('p', { class: 'empty', hidden: true });
    this.#scroller.append(this.#table, this.#empty);
    this.#head.append(
      h('tr', { 'aria-rowindex': 1 }, ...options.columns.map((one) => this.#headCell(one))),
    );
    this.#body.append(this.#above, this.#below);
    this.#scroller.addEventListener(
      'scroll',
      () => {
        this.#draw();
      },
      { passive: true },
    );
    this.#table.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    this.#body.addEventListener('click', (event) => {
      this.#onClick(event);
    });
    new ResizeObserver(() => {
      this.#measure();
    }).observe(this.#scroller);
  }

  get element() {
    return this.#scroller;
  }

  focus() {
    this.#table.focus();
  }

  /** @param {Column<T>} column */
  #headCell(column) {
    const { key, title, width, kind = '', isFixed } = column;
    const content =
      column.head?.() ??
      (isFixed
        ? h('span', {}, title)
        : h(
            'button',
            {
              type: 'button',
              onclick: () => {
                this.#options.onOrder(key);
              },
            },
            title,
          ));
    const cell = h('th', { scope: 'col', class: kind }, content);
    cell.style.width = width;
    this.#heads.set(key, cell);
    return cell;
  }

  /**
   * @param {readonly T[]} rows in the order in which they are to stand
   * @param {Order} order
   */
  setRows(rows, order) {
    this.#rows = rows;
    setAttribute(this.#table, 'aria-rowcount', rows.length + 1);
    for (const [key, cell] of this.#heads)
      setAttribute(
        cell,
        'aria-sort',
        key === order.key ? (order.isDown ? 'descending' : 'ascending') : null,
      );
    this.#empty.hidden = rows.length > 0;
    setText(this.#empty, this.#options.emptyText);
    this.#draw();
    if (!this.#isToReveal) return;
    const index = rows.findIndex(({ id }) => id === this.#selected);
    if (index < 0) return;
    this.#isToReveal = false;
    this.#activate(index);
  }

  /** @param {string} text what is said where there are no rows */
  setEmptyText(text) {
    this.#options = { ...this.#options, emptyText: text };
    setText(this.#empty, text);
  }

  /** @param {string} id */
  select(id) {
    if (this.#selected === id) return;
    this.#selected = id;
    this.#isToReveal = id !== '';
    if (id !== '') this.#active = id;
    this.#draw();
  }

  toTop() {
    this.#scroller.scrollTop = 0;
  }

  #measure() {
    const height = Number.parseFloat(getComputedStyle(this.#scroller).getPropertyValue('--row'));
    if (height > 0) this.#rowHeight = height;
    this.#draw();
  }

  #draw() {
    if (this.#scroller.offsetParent === null) return;
    const { first, end } = windowOfRows({
      scrollTop: this.#scroller.scrollTop,
      viewHeight: this.#scroller.clientHeight,
      rowHeight: this.#rowHeight,
      count: this.#rows.length,
    });
    const shown = this.#rows.slice(first, end);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, element] of this.#drawn) {
      if (ids.has(id)) continue;
      element.remove();
      this.#drawn.delete(id);
    }
    setHeight(this.#above, first * this.#rowHeight);
    setHeight(this.#below, (this.#rows.length - end) * this.#rowHeight);
    let next = /** @type {Element | null} */ (this.#above.nextElementSibling);
    for (const [offset, row] of shown.entries()) {
      const element = this.#drawn.get(row.id) ?? this.#make(row);
      this.#fill(element, row, first + offset);
      if (element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
    this.#tellActive();
  }

  /** @param {T} row */
  #make(row) {
    const element = h('tr', { id: `${this.#options.name}-${row.id}` });
    for (const { kind = '' } of this.#options.columns) element.append(h('td', { class: kind }));
    this.#drawn.set(row.id, element);
    return element;
  }

  /**
   * @param {HTMLTableRowElement} element
   * @param {T} row
   * @param {number} index
   */
  #fill(element, row, index) {
    setAttribute(element, 'aria-rowindex', index + 2);
    setAttribute(element, 'aria-selected', row.id === this.#selected ? 'true' : 'false');
    setAttribute(element, 'data-active', row.id === this.#active);
    for (const [at, column] of this.#options.columns.entries()) {
      const cell = element.cells[at];
      if (cell === undefined) continue;
      if (column.fill) column.fill(cell, row);
      else {
        const text = column.text?.(row) ?? '';
        setText(cell, text);
        setAttribute(cell, 'title', text.length > 12 ? text : null);
      }
    }
  }

  #tellActive() {
    const isDrawn = this.#active !== undefined && this.#drawn.has(this.#active);
    setAttribute(
      this.#table,
      'aria-activedescendant',
      isDrawn ? `${this.#options.name}-${this.#active ?? ''}` : null,
    );
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey) return;
    // Whoever marks text does not want to open anything.
    if (getSelection()?.isCollapsed === false) return;
    if (event.target.closest('a, button') !== null) return;
    const element = event.target.closest('tr');
    const id = element?.id.slice(this.#options.name.length + 1);
    if (id === undefined || !this.#drawn.has(id)) return;
    this.#active = id;
    this.#options.onOpen(id, false);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.#table || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / this.#rowHeight) - 2);
    const at = this.#rows.findIndex(({ id }) => id === this.#active);
    const last = this.#rows.length - 1;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: Math.max(at, 0) + page,
      PageUp: Math.max(at, 0) - page,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) this.#activate(Math.min(last, Math.max(0, to)));
    else if (event.key === 'Enter' && this.#active !== undefined && at >= 0)
      this.#options.onOpen(this.#active, true);
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  #activate(index) {
    const row = this.#rows[index];
    if (row === undefined) return;
    this.#active = row.id;
    const target = scrollToSee({
      scrollTop: this.#scroller.scrollTop,
      viewHeight: this.#scroller.clientHeight - this.#head.offsetHeight,
      rowHeight: this.#rowHeight,
      index,
    });
    if (target !== undefined) this.#scroller.scrollTop = target;
    this.#draw();
  }
}

/** Room of rows that are not drawn. */
function spacer() {
  const row = h('tr', { class: 'spacer', 'aria-hidden': 'true', hidden: true }, h('td'));
  return row;
}

/**
 * @param {HTMLTableRowElement} row
 * @param {number} height
 */
function setHeight(row, height) {
  row.hidden = height <= 0;
  const cell = row.cells[0];
  if (cell) cell.style.height = `${Math.max(0, height)}px`;
}
