/**
 * The park's interface: one method a call, all within the rate, each with a deadline, and errors sorted
 * by the codes that the launcher decides by.
 */

/** A listing of more pages than this is a park that goes round in circles. */
const MOST_PAGES = 1000;

export class ParkClient {
  #kit;
  #options;

  constructor(kit, options) {
    this.#kit = kit;
    this.#options = options;
  }

  /** Kinds of machines by name. */
  async kinds(signal) {
    const kinds = await this.#all('types', signal);
    return new Map(kinds.map((kind) => [kind.name, kind]));
  }

  limits(signal) {
    return this.#call({ method: 'GET', path: 'quota' }, signal);
  }

  zones(signal) {
    return this.#all('zones', signal);
  }

  /** Machines of everybody, by name. What has just been made may be missing for a moment. */
  async machines(signal) {
    const machines = await this.#all('machines', signal);
    return new Map(machines.map((machine) => [machine.name, machine]));
  }

  /** Undefined: there is none. Unlike a listing this is never old. */
  machine(name, signal) {
    return this.#call({ method: 'GET', path: `machines/${name}`, absent: 404 }, signal);
  }

  /** Undefined: there is a machine of this name, whoever made it. */
  create(machine, signal) {
    return this.#call({ method: 'POST', path: 'machines', body: machine, absent: 409 }, signal);
  }

  /** `false`: it is gone, or never was. `true`: it is going to be. */
  async delete(name, signal) {
    const call = { method: 'DELETE', path: `machines/${name}`, absent: 404 };
    return (await this.#call(call, signal)) !== undefined;
  }

  /** Ends all calls. */
  close() {
    this.#options.calls.close();
  }

  /** All pages or an error: half a listing looks like free quota. */
  async #all(path, signal) {
    const items = [];
    let query = '';
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const answer = await this.#call({ method: 'GET', path: path + query }, signal);
      items.push(...answer.items);
      if (answer.next === undefined) return items;
      query = `?page=${encodeURIComponent(answer.next)}`;
    }
    throw new this.#kit.CloudError('NP_CLOUD_TRANSIENT', `GET ${path}: no end of pages`);
  }

  /** `absent`: a status that is an answer, too, and comes out as undefined. */
  #call({ method, path, body, absent }, signal) {
    return this.#options.calls.run(signal, async (inner) => {
      const { status, text, retryAfter } = await this.#send({ method, path, body }, inner);
      if (status === absent) return undefined;
      if (status >= 200 && status < 300) return JSON.parse(text || '{}');
      throw this.#refusal(`${method} ${path}`, { status, text, retryAfter });
    });
  }

  async #send({ method, path, body }, signal) {
    const { baseUrl, token, fetch, clock, onHttp } = this.#options;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sinceMs = clock.monotonic();
    const told = { service: 'park', method };
    try {
      const init = { method, headers, signal, body: body && JSON.stringify(body) };
      const response = await fetch(`${baseUrl}/${path}`, init);
      const text = await response.text();
      const { status } = response;
      onHttp?.({ ...told, status, durationMs: clock.monotonic() - sinceMs });
      return { status, text, retryAfter: response.headers.get('retry-after') };
    } catch (cause) {
      this.#kit.throwIfAborted(signal);
      onHttp?.({ ...told, status: undefined, durationMs: clock.monotonic() - sinceMs });
      // It may have taken effect all the same.
      const labels = ['retryable', 'ambiguous'];
      const words = `${method} ${path}: no answer`;
      throw new this.#kit.CloudError('NP_CLOUD_TRANSIENT', words, { labels, cause });
    }
  }

  /** The one place that looks at the park's words. */
  #refusal(call, { status, text, retryAfter }) {
    const { CloudError, SlowDownError, retryAfterMs } = this.#kit;
    const { code = '', message = `status ${status}` } = errorIn(text);
    const words = `${call}: ${message}`;
    if (status === 429)
      return new SlowDownError(words, retryAfterMs(retryAfter, this.#options.clock.now()));
    if (code === 'quota-exceeded')
      return new CloudError('NP_CLOUD_QUOTA', words, { labels: ['quota'] });
    if (code === 'no-capacity')
      return new CloudError('NP_CLOUD_CAPACITY', words, { labels: ['capacity'] });
    if (status === 401 || status === 403)
      return new CloudError('NP_CLOUD_FATAL', words, { hint: 'check PARK_TOKEN' });
    if (status === 404)
      return new CloudError('NP_CLOUD_NOT_FOUND', words, { labels: ['notFound'] });
    if (status < 500) return new CloudError('NP_CLOUD_FATAL', words);
    return new CloudError('NP_CLOUD_TRANSIENT', words, { labels: ['retryable'] });
  }
}

/** Nothing, where it is none of the park's: a proxy on the way answers with HTML. */
function errorIn(text) {
  try {
    return JSON.parse(text).error ?? {};
  } catch {
    return {};
  }
}
