/**
 * What the page knows of the cluster: the rows of all topics, and the launcher's and builders' own
 * words. Whoever wants to hear of changes is told once a frame at most.
 *
 * After a reconnection the old rows stay until the new snapshot of their topic is whole, so that nothing
 * jumps.
 *
 * @import { BuilderActivity, Change, Hello, LauncherStatus, LinkState, Topic, TopicRows } from './types.ts'
 */

/** @type {readonly Topic[]} */
export const TOPICS = ['nodes', 'requests', 'images', 'builds', 'uploads', 'components'];

/** @typedef {{ topic: Topic, set?: readonly { id: string }[], gone?: readonly string[] }} RowChange */

/** @type {ReadonlySet<Change>} */
const OF_IMAGES = new Set(['images', 'builds', 'uploads', 'builders']);

export class Cluster {
  /** @type {{ [T in Topic]: Map<string, TopicRows[T]> }} */
  #rows = {
    nodes: new Map(),
    requests: new Map(),
    images: new Map(),
    builds: new Map(),
    uploads: new Map(),
    components: new Map(),
  };
  /** @type {Map<Topic, Map<string, any>>} */
  #incoming = new Map();
  /** @type {Set<Topic>} */
  #synced = new Set();
  /** @type {Set<Change>} */
  #changes = new Set();
  #isPlanned = false;
  /** @type {(changes: ReadonlySet<Change>) => void} */
  #onChange;
  #clockAheadSeconds = 0;

  /** @type {Hello | undefined} */
  hello;
  /** @type {LauncherStatus | undefined} */
  status;
  /** @type {readonly BuilderActivity[]} */
  builders = [];
  /** Another object whenever anything of the images has changed. */
  imagesKey = {};
  /** @type {LinkState} */
  link = { kind: 'connecting', sinceMs: 0 };

  /** @param {(changes: ReadonlySet<Change>) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /**
   * @template {Topic} T
   * @param {T} topic
   * @returns {ReadonlyMap<string, TopicRows[T]>}
   */
  rows(topic) {
    return this.#rows[topic];
  }

  /**
   * Whether all rows that there were at the beginning have come.
   *
   * @param {Topic} topic
   */
  isSynced(topic) {
    return this.#synced.has(topic);
  }

  /** The launcher's time in Unix seconds. */
  now() {
    return Date.now() / 1000 + this.#clockAheadSeconds;
  }

  /**
   * Takes one event of the stream. Unknown ones are for newer pages.
   *
   * @param {string} name
   * @param {string} text JSON
   */
  take(name, text) {
    /** @type {unknown} */
    const data = JSON.parse(text);
    if (name === 'hello') this.#takeHello(/** @type {Hello} */ (data));
    else if (name === 'status') {
      this.status = /** @type {LauncherStatus} */ (data);
      this.changed('status');
    } else if (name === 'builders') {
      this.builders = /** @type {{ builders: BuilderActivity[] }} */ (data).builders;
      this.changed('builders');
    } else {
      const rows = /** @type {RowChange} */ (data);
      if (TOPICS.includes(rows.topic)) this.#takeRows(name, rows);
    }
  }

  /** @param {Hello} hello */
  #takeHello(hello) {
    this.hello = hello;
    this.#clockAheadSeconds = hello.now - Date.now() / 1000;
    this.changed('hello');
  }

  /**
   * @param {string} name
   * @param {RowChange} change
   */
  #takeRows(name, { topic, set = [], gone = [] }) {
    if (name === 'reset') {
      if (this.#synced.has(topic)) this.#incoming.set(topic, new Map());
      else this.#replace(topic, new Map());
    } else if (name === 'change') {
      /** @type {Map<string, any>} */
      const target = this.#incoming.get(topic) ?? this.#rows[topic];
      for (const id of gone) target.delete(id);
      for (const row of set) target.set(row.id, row);
      if (target === this.#rows[topic]) this.changed(topic);
    } else if (name === 'synced') {
      const incoming = this.#incoming.get(topic);
      this.#incoming.delete(topic);
      this.#synced.add(topic);
      if (incoming) this.#replace(topic, incoming);
      this.changed(topic);
    }
  }

  /**
   * @template {Topic} T
   * @param {T} topic
   * @param {Map<string, any>} rows
   */
  #replace(topic, rows) {
    this.#rows[topic] = rows;
    this.changed(topic);
  }

  /** A connection has ended: what it had begun to tell is worth nothing. */
  dropIncoming() {
    this.#incoming.clear();
  }

  /** @param {Change} change */
  changed(change) {
    if (OF_IMAGES.has(change)) this.imagesKey = {};
    this.#changes.add(change);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      const changes = this.#changes;
      this.#changes = new Set();
      this.#onChange(changes);
    });
  }
}
