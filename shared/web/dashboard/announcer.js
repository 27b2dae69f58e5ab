/**
 * Says to a screen reader what has become of something that its user did, and nothing else: a live page
 * that talked of each change could not be listened to. Messages are seen as well, for a while.
 */
import { h, replaceContent } from './dom.js';

const SHOWN_MS = 8000;
/** Nobody wants to hear the counts of each keystroke. */
const QUIET_MS = 700;

export class Announcer {
  #quiet = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  #seen = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    document.body.append(this.#quiet, this.#seen);
  }

  /**
   * Only heard, when nothing newer has come for a moment.
   *
   * @param {string} text
   */
  say(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#quiet.textContent = text;
    }, QUIET_MS);
  }

  /**
   * Seen and heard. Problems stay until they are put away.
   *
   * @param {string} text
   * @param {{ isProblem?: boolean }} [how]
   */
  show(text, { isProblem = false } = {}) {
    const toast = h('div', { class: 'toast', 'data-mood': isProblem ? 'bad' : 'good' });
    replaceContent(
      toast,
      h('span', {}, text),
      h(
        'button',
        {
          type: 'button',
          'aria-label': 'Close the message',
          onclick: () => {
            toast.remove();
          },
        },
        '×',
      ),
    );
    this.#seen.append(toast);
    while (this.#seen.childElementCount > 3) this.#seen.firstElementChild?.remove();
    if (!isProblem)
      setTimeout(() => {
        toast.remove();
      }, SHOWN_MS);
  }
}
