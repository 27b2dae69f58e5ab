/**
 * Whether what is shown is of now: the mark in the head, and a line above everything when it is not.
 *
 * @import { Announcer } from './announcer.js'
 * @import { Cluster } from './cluster.js'
 * @import { LinkState } from './types.ts'
 * @import { Live } from './live.js'
 */
import { byId, h, setAttribute, setText } from './dom.js';
import { duration, moment } from './format.js';

export class ConnectionBar {
  /** @type {Cluster} */
  #cluster;
  #mark = byId('link-state', HTMLElement);
  #launcher = byId('launcher', HTMLElement);
  #banner = byId('banner', HTMLElement);
  #text = h('span');
  #retry;
  #lastHeardSeconds = 0;
  /** @type {Announcer} */
  #announcer;
  /** @type {LinkState['kind']} */
  #said = 'connecting';

  /**
   * @param {Cluster} cluster
   * @param {Live} live
   * @param {Announcer} announcer
   */
  constructor(cluster, live, announcer) {
    this.#cluster = cluster;
    this.#announcer = announcer;
    this.#retry = h(
      'button',
      {
        type: 'button',
        onclick: () => {
          live.retry();
        },
      },
      'Try now',
    );
    this.#banner.append(this.#text, this.#retry);
  }

  draw() {
    const { link, hello, status } = this.#cluster;
    const words = { connecting: 'connecting', live: 'live', stale: 'not live' };
    setAttribute(document.documentElement, 'data-link', link.kind);
    setText(this.#mark, words[link.kind]);
    setText(this.#launcher, hello ? `${hello.launcher} · ${hello.version}` : '');
    if (link.kind === 'live') this.#lastHeardSeconds = this.#cluster.now();
    if (link.kind !== this.#said && link.kind !== 'connecting') {
      if (this.#said !== 'connecting' || link.kind === 'stale')
        this.#announcer.say(link.kind === 'live' ? 'Connected again.' : 'The connection is lost.');
      this.#said = link.kind;
    }
    const text = this.#sayTrouble();
    this.#banner.hidden = text === '';
    this.#retry.hidden = link.kind === 'live' || link.againAtMs === undefined;
    const isLost = link.kind === 'stale' || status?.is_current === false;
    setAttribute(this.#banner, 'data-mood', isLost ? 'bad' : 'held');
    setText(this.#text, text);
  }

  #sayTrouble() {
    const { link, status } = this.#cluster;
    const problem = link.problem === undefined ? '' : `: ${link.problem}`;
    if (link.kind === 'stale') {
      const of = moment(this.#lastHeardSeconds, this.#cluster.now());
      return `The connection is lost${problem}. What is shown is of ${of}. ${this.#sayAgain()}`;
    }
    if (link.kind === 'connecting')
      return problem === '' ? '' : `No connection${problem}. ${this.#sayAgain()}`;
    if (status === undefined) return '';
    if (!status.is_current)
      return 'The launcher has no connection to ZooKeeper, or still reads. What is shown may be old, and it decides nothing now.';
    return status.is_draining ? 'This launcher is being drained: it takes no new requests.' : '';
  }

  #sayAgain() {
    const { againAtMs } = this.#cluster.link;
    if (againAtMs === undefined) return 'Trying now.';
    return `Trying again in ${duration((againAtMs - performance.now()) / 1000 + 1)}.`;
  }
}
