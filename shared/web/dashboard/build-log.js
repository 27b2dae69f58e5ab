/**
 * A build's log in a window of its own, as it grows. Only the end is kept: a log may have a million
 * lines, a page may not.
 *
 * @import { Actions } from './actions.js'
 * @import { ViewContext } from './view-types.ts'
 */
import { h, setText } from './dom.js';
import { bytes, count } from './format.js';
import { LogBuffer } from './log-buffer.js';

const MOST_LINES = 10_000;
/** Where it begins: who wants all of it follows the link. */
const FIRST_LINES = 2000;
/** Nearer to the end than this is at the end. */
const NEAR_PX = 40;

export class BuildLog {
  /** @type {ViewContext} */
  #context;
  #shown = '';
  /** @type {(() => void) | undefined} */
  #close;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
  }

  /** Follows the address: `log=IMAGE/BUILD`. */
  draw() {
    const wanted = this.#context.address.get('log');
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.#close?.();
    this.#close = wanted === '' ? undefined : this.#open(wanted);
  }

  /** @param {string} name */
  #open(name) {
    const path = `/build-log/${name.split('/').map(encodeURIComponent).join('/')}`;
    const { actions, address } = this.#context;
    const view = new LogWindow({ name, path, actions }, () => {
      if (this.#shown === name) address.set({ log: '' });
    });
    view.open();
    return () => {
      view.close();
    };
  }
}

class LogWindow {
  #path;
  #actions;
  #reading = new AbortController();
  #buffer = new LogBuffer(MOST_LINES);
  /** Heard when it changes; the amount beside it only seen. */
  #status = h('span', { role: 'status' });
  #amount = h('span');
  #follow = h('input', {
    type: 'checkbox',
    checked: true,
    onchange: () => {
      this.#scroll();
    },
  });
  #text = h('pre', {
    class: 'log-text',
    tabindex: 0,
    'aria-label': 'Log',
    role: 'log',
    'aria-live': 'off',
  });
  #again = h(
    'button',
    {
      type: 'button',
      hidden: true,
      onclick: () => {
        this.#restart();
      },
    },
    'Try again',
  );
  #whole = h('a', { target: '_blank', rel: 'noopener' }, 'whole log');
  #received = 0;
  #pending = '';
  #lastTop = 0;
  /** How it is with the log, in words. */
  #what = '';
  #isPlanned = false;
  #dialog;

  /**
   * @param {{ name: string, path: string, actions: Actions }} log
   * @param {() => void} onClose
   */
  constructor({ name, path, actions }, onClose) {
    this.#path = path;
    this.#actions = actions;
    this.#whole.href = path;
    this.#dialog = h(
      'dialog',
      { class: 'log', 'aria-labelledby': 'log-title' },
      h(
        'header',
        {},
        h('h2', { id: 'log-title' }, `Log of ${name.replace('/', ' ')}`),
        h('label', { class: 'check' }, this.#follow, h('span', {}, 'Follow the end')),
        this.#whole,
        this.#again,
        h(
          'button',
          {
            type: 'button',
            class: 'quiet',
            onclick: () => {
              this.#dialog.close();
            },
          },
          'Close',
        ),
      ),
      h('p', { class: 'log-status' }, this.#status, this.#amount),
      this.#text,
    );
    this.#text.addEventListener(
      'scroll',
      () => {
        this.#onScroll();
      },
      { passive: true },
    );
    this.#dialog.addEventListener('close', () => {
      this.#reading.abort();
      this.#dialog.remove();
      onClose();
    });
  }

  open() {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#text.focus();
    void this.#read();
  }

  close() {
    this.#dialog.close();
  }

  #restart() {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#buffer = new LogBuffer(MOST_LINES);
    this.#received = 0;
    this.#pending = '';
    this.#text.replaceChildren();
    void this.#read();
  }

  /**
   * Where logs are kept from others they want the token, which a link cannot bring.
   *
   * @param {AbortSignal} signal
   */
  async #ask(signal) {
    const path = `${this.#path}?follow=1&tail=${FIRST_LINES}`;
    const response = await fetch(path, { signal, cache: 'no-store' });
    this.#whole.hidden = response.status === 401;
    return response.status === 401
      ? ((await this.#actions.read(path, signal)) ?? response)
      : response;
  }

  async #read() {
    const { signal } = this.#reading;
    this.#again.hidden = true;
    this.#tell('is being asked for');
    try {
      const response = await this.#ask(signal);
      if (!response.ok || response.body === null)
        throw new Error(refusalOf(response.status, await response.text()));
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      this.#tell('goes on');
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.#received += value.length;
        this.#take(decoder.decode(value, { stream: true }));
      }
      this.#take(decoder.decode());
      this.#flush(true);
      this.#tell('has ended');
    } catch (error) {
      if (signal.aborted) return;
      this.#flush(true);
      this.#again.hidden = false;
      this.#tell(
        error instanceof TypeError
          ? 'was cut off'
          : error instanceof Error
            ? error.message
            : String(error),
      );
    }
  }

  /** @param {string} piece */
  #take(piece) {
    this.#pending += piece;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.#flush(false);
    });
  }

  /** @param {boolean} isEnd */
  #flush(isEnd) {
    const pieces = [this.#buffer.push(this.#pending), ...(isEnd ? [this.#buffer.end()] : [])];
    this.#pending = '';
    for (const { append, drop } of pieces) {
      for (let index = 0; index < drop; index++) this.#text.firstElementChild?.remove();
      for (const { isNewBlock, text } of append) {
        const last = this.#text.lastElementChild;
        if (isNewBlock || last === null) this.#text.append(h('span', { class: 'log-block' }, text));
        else last.append(text);
      }
    }
    this.#scroll();
    this.#tell(this.#what);
  }

  #scroll() {
    if (this.#follow.checked) this.#text.scrollTop = this.#text.scrollHeight;
    this.#lastTop = this.#text.scrollTop;
  }

  #onScroll() {
    const { scrollTop, clientHeight, scrollHeight } = this.#text;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Who scrolls up wants to read; who goes down to the end wants to see what comes.
    if (isAtEnd) this.#follow.checked = true;
    else if (scrollTop < this.#lastTop) this.#follow.checked = false;
    this.#lastTop = scrollTop;
  }

  /** @param {string} what */
  #tell(what) {
    this.#what = what;
    const cut = this.#buffer.isCut
      ? `, only the last ${count(MOST_LINES)} lines are kept here`
      : '';
    setText(this.#status, `The log ${what}`);
    setText(this.#amount, this.#received === 0 ? '' : `; ${bytes(this.#received)} read${cut}`);
  }
}

/**
 * @param {number} status
 * @param {string} said
 */
function refusalOf(status, said) {
  if (status === 401) return 'may be read with the admin token only: unlock actions first';
  if (status === 403) return 'may be read with an admin token only, and none is configured';
  const short = said.trim().replace(/^\d+ /, '').slice(0, 300);
  return `cannot be had: ${short === '' ? `status ${status}` : short}`;
}
