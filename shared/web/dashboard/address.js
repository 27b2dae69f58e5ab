/**
 * What is shown is in the page's address: tab, filters, order, what is selected. So it can be sent to
 * others, and the browser's way back works.
 *
 * Each tab keeps its own filters while another one is looked at.
 */

/** Names of parameters that are not a tab's own. */
const OF_ALL = new Set(['tab', 'sel', 'log']);

export class Address {
  /** @type {URLSearchParams} */
  #params;
  /** @type {Map<string, [string, string][]>} */
  #ofTabs = new Map();
  /** @type {() => void} */
  #onChange;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#params = new URLSearchParams(location.search);
    addEventListener('popstate', () => {
      this.#params = new URLSearchParams(location.search);
      this.#onChange();
    });
  }

  get tab() {
    return this.#params.get('tab') ?? 'overview';
  }

  /**
   * Empty where it is not there.
   *
   * @param {string} name
   */
  get(name) {
    return this.#params.get(name) ?? '';
  }

  /**
   * @param {string} name
   * @returns {string[]}
   */
  list(name) {
    return this.get(name).split(',').filter(Boolean);
  }

  /**
   * Changes parameters; an empty value takes one away. `isTyping`: no entry of its own in the history.
   *
   * @param {Record<string, string>} changes
   * @param {{ isTyping?: boolean }} [how]
   */
  set(changes, { isTyping = false } = {}) {
    const params = new URLSearchParams(this.#params);
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') params.delete(name);
      else params.set(name, value);
    }
    this.#go(params, isTyping);
  }

  /** @param {string} tab */
  openTab(tab) {
    if (tab === this.tab) return;
    this.#ofTabs.set(
      this.tab,
      [...this.#params].filter(([name]) => !OF_ALL.has(name)),
    );
    this.#go(new URLSearchParams([['tab', tab], ...(this.#ofTabs.get(tab) ?? [])]), false);
  }

  /**
   * Goes to one of our own links.
   *
   * @param {string} search such as `?tab=nodes`
   */
  follow(search) {
    this.#go(new URLSearchParams(search), false);
  }

  /**
   * What a link to this place with some changes looks like.
   *
   * @param {Record<string, string>} changes
   */
  href(changes) {
    const params = new URLSearchParams(this.#params);
    for (const [name, value] of Object.entries(changes)) params.set(name, value);
    return `?${params}`;
  }

  /**
   * @param {URLSearchParams} params
   * @param {boolean} isTyping
   */
  #go(params, isTyping) {
    const search = params.size === 0 ? location.pathname : `?${params}`;
    if (String(params) === String(this.#params)) return;
    this.#params = params;
    if (isTyping) history.replaceState(null, '', search);
    else history.pushState(null, '', search);
    this.#onChange();
  }
}
