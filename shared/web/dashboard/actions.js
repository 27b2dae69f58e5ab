/**
 * What an operator does to nodes and images, with the admin token. The token stays in the memory of this
 * page; on wish in the tab's session storage, so that a reload does not ask for it again. It is sent in
 * a header of our own requests and nowhere else.
 *
 * @import { Cluster } from './cluster.js'
 */

const STORED = 'nodepool-admin-token';
/** A launcher that needs longer has lost its ZooKeeper. */
const PATIENCE_MS = 30_000;

export class Actions {
  /** @type {Cluster} */
  #cluster;
  #token = '';

  /** @param {Cluster} cluster */
  constructor(cluster) {
    this.#cluster = cluster;
    try {
      this.#token = sessionStorage.getItem(STORED) ?? '';
    } catch {
      // Storage may be forbidden; then it is asked for again.
    }
  }

  /** Whether the buttons are there. */
  get mayAct() {
    return this.#token !== '' && this.#cluster.hello?.may_act !== false;
  }

  /** Whether there is a token to be had at all. */
  get isConfigured() {
    return this.#cluster.hello?.may_act === true;
  }

  /**
   * Keeps the token if the launcher knows it.
   *
   * @param {string} token
   * @param {boolean} isKept over reloads of this tab
   * @returns {Promise<string | undefined>} what is wrong with it, for people
   */
  async signIn(token, isKept) {
    const answer = await this.#post('/api/check', {}, token);
    if (!answer.isDone) return answer.text;
    this.#token = token;
    this.#store(isKept ? token : '');
    this.#cluster.changed('token');
    return undefined;
  }

  /**
   * Reads with the token what may not be read without; undefined: there is none to try.
   *
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<Response> | undefined}
   */
  read(path, signal) {
    if (this.#token === '') return undefined;
    const headers = { Authorization: `Bearer ${this.#token}` };
    return fetch(path, { headers, signal, credentials: 'omit', cache: 'no-store' });
  }

  signOut() {
    this.#token = '';
    this.#store('');
    this.#cluster.changed('token');
  }

  /** @param {string} token */
  #store(token) {
    try {
      if (token === '') sessionStorage.removeItem(STORED);
      else sessionStorage.setItem(STORED, token);
    } catch {
      // As above.
    }
  }

  /**
   * @param {'nodes' | 'images'} of
   * @param {string} id
   * @param {'hold' | 'delete' | 'pause' | 'unpause' | 'build'} action
   * @param {object} [body]
   */
  async act(of, id, action, body = {}) {
    const answer = await this.#post(
      `/api/${of}/${encodeURIComponent(id)}/${action}`,
      body,
      this.#token,
    );
    if (answer.status === 401) this.signOut();
    return answer;
  }

  /**
   * @param {string} path
   * @param {object} body
   * @param {string} token
   * @returns {Promise<{ isDone: boolean, status: number, text: string }>}
   */
  async #post(path, body, token) {
    try {
      const response = await fetch(path, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const said = messageIn(await response.text());
      const { status } = response;
      return { isDone: response.ok, status, text: response.ok ? said : refusalText(status, said) };
    } catch (error) {
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      const text = isLate
        ? 'The launcher has not answered in time. Whether it was done is not known.'
        : 'The launcher cannot be reached. Nothing may have been done.';
      return { isDone: false, status: 0, text };
    }
  }
}

/** @param {string} text */
function messageIn(text) {
  try {
    /** @type {unknown} */
    const answer = JSON.parse(text);
    const isSaid = typeof answer === 'object' && answer !== null && 'message' in answer;
    return isSaid && typeof answer.message === 'string' ? answer.message : '';
  } catch {
    return '';
  }
}

/**
 * @param {number} status
 * @param {string} said by the launcher
 */
export function refusalText(status, said) {
  /** @type {Readonly<Record<number, string>>} */
  const texts = {
    401: 'This token is not right.',
    403: 'No admin token is configured at this launcher: it is read-only.',
    404: 'There is no such thing any more.',
    409: 'That cannot be done in its present state.',
    429: 'Too many wrong tokens were tried. Wait a minute.',
    503: 'The launcher has no connection to ZooKeeper now.',
  };
  const text = texts[status] ?? `The launcher refuses (status ${status}).`;
  return said === '' || status === 401 ? text : `${text} It says: ${said}`;
}
