/**
 * What is selected, beside the list (over it on a phone). The panel is made once for each selection and
 * drawn again when something changes, so that buttons keep their focus.
 *
 * @import { Change } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 */
import { imageDetails } from './details-image.js';
import { launchDetails } from './details-launch.js';
import { nodeDetails } from './details-node.js';
import { requestDetails } from './details-request.js';
import { byId, h, setText } from './dom.js';

/**
 * @typedef {object} Details
 * @property {HTMLElement} element
 * @property {(changes: ReadonlySet<Change>) => boolean} draw false: there is no such thing any more
 * @property {() => void} [close]
 */

/** @type {Readonly<Record<string, { noun: string, make: (context: ViewContext, id: string) => Details }>>} */
const KINDS = {
  node: { noun: 'Node', make: nodeDetails },
  request: { noun: 'Request', make: requestDetails },
  launch: { noun: 'Launch', make: launchDetails },
  image: { noun: 'Image', make: imageDetails },
};

export class DetailsPanel {
  /** @type {ViewContext} */
  #context;
  #panel = byId('details', HTMLElement);
  #shown = '';
  /** @type {Details | undefined} */
  #details;
  #gone = h('p', { class: 'problem', hidden: true });

  /** @type {() => void} */
  #onLeft;

  /**
   * @param {ViewContext} context
   * @param {() => void} onLeft where the focus goes that was in here
   */
  constructor(context, onLeft) {
    this.#context = context;
    this.#onLeft = onLeft;
  }

  get isOpen() {
    return this.#shown !== '';
  }

  close() {
    const hasFocus = this.#panel.contains(document.activeElement);
    this.#context.address.set({ sel: '' });
    if (hasFocus) this.#onLeft();
  }

  /** @param {ReadonlySet<Change>} changes */
  draw(changes) {
    const selected = this.#context.address.get('sel');
    if (selected !== this.#shown) this.#show(selected);
    const isThere = this.#details?.draw(changes) ?? true;
    this.#gone.hidden = isThere;
    const isLoading = this.#context.cluster.hello === undefined;
    setText(
      this.#gone,
      isLoading ? 'Loading ...' : 'It is not there any more. What is shown is what was.',
    );
  }

  /** @param {string} selected */
  #show(selected) {
    this.#details?.close?.();
    this.#details = undefined;
    this.#shown = selected;
    const [kind = '', ...rest] = selected.split(':');
    const id = rest.join(':');
    const known = KINDS[kind];
    this.#panel.hidden = known === undefined;
    document.body.dataset.details = known ? 'open' : 'closed';
    if (known === undefined) return;
    this.#details = known.make(this.#context, id);
    const title = kind === 'launch' ? known.noun : `${known.noun} ${id}`;
    this.#panel.replaceChildren(
      h(
        'header',
        {},
        h('h2', { id: 'details-title', tabindex: -1 }, title),
        h(
          'button',
          {
            type: 'button',
            class: 'quiet',
            'aria-label': 'Close details',
            onclick: () => {
              this.close();
            },
          },
          'Close',
        ),
      ),
      this.#gone,
      this.#details.element,
    );
  }
}
