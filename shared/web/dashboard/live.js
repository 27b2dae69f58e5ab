/**
 * The connection to `/events`. It is read with fetch and not with EventSource: so the page sees the
 * pings, and notices a connection that is dead without a word (a laptop that slept, a NAT that forgot);
 * and it sees the status of a refusal, after which EventSource would give up for good.
 *
 * @import { Cluster } from './cluster.js'
 * @import { LinkState } from './types.ts'
 */
import { EventStreamReader } from './event-stream.js';

/** The server pings each 15 s. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export class Live {
  /** @type {Cluster} */
  #cluster;
  #pauseMs = FIRST_PAUSE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Cluster} cluster */
  constructor(cluster) {
    this.#cluster = cluster;
    addEventListener('online', () => {
      this.retry();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.retry();
    });
  }

  start() {
    void this.#connect();
  }

  /** Tries at once, if it is not connected. */
  retry() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  async #connect() {
    this.#timer = undefined;
    const reading = new AbortController();
    if (this.#cluster.link.kind !== 'stale') this.#tell({ kind: 'connecting' });
    else this.#tell({ ...this.#cluster.link, againAtMs: undefined });
    try {
      await this.#read(reading);
      this.#lost('the launcher has closed the connection', this.#pauseMs);
    } catch (error) {
      const pause = error instanceof Refusal ? error.pauseMs : undefined;
      this.#lost(reasonOf(error), pause ?? this.#pauseMs);
    } finally {
      reading.abort();
    }
  }

  /** @param {AbortController} reading */
  async #read(reading) {
    let watchdog = setTimeout(giveUp, SILENCE_MS);
    function giveUp() {
      reading.abort(new Error('nothing has come for a while'));
    }
    try {
      const response = await fetch('/events', {
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        signal: reading.signal,
      });
      if (!response.ok || response.body === null) throw new Refusal(response);
      const decoder = new TextDecoder();
      const events = new EventStreamReader((name, data) => {
        this.#cluster.take(name, data);
        if (name === 'hello') this.#isUp();
      });
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(giveUp, SILENCE_MS);
        events.push(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  #isUp() {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#tell({ kind: 'live' });
  }

  /**
   * @param {string} problem
   * @param {number} pauseMs
   */
  #lost(problem, pauseMs) {
    this.#cluster.dropIncoming();
    const { link, hello } = this.#cluster;
    const againAtMs = performance.now() + pauseMs;
    const kind = hello ? 'stale' : 'connecting';
    this.#tell({
      kind,
      problem,
      againAtMs,
      ...(link.kind === kind ? { sinceMs: link.sinceMs } : {}),
    });
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#timer = setTimeout(() => void this.#connect(), pauseMs);
  }

  /** @param {Partial<LinkState> & Pick<LinkState, 'kind'>} link */
  #tell(link) {
    this.#cluster.link = { sinceMs: performance.now(), ...link };
    this.#cluster.changed('link');
  }
}

class Refusal extends Error {
  /** @param {Response} response */
  constructor(response) {
    super(
      response.status === 503
        ? 'too many watch this launcher already'
        : `the launcher answers ${response.status}`,
    );
    const seconds = Number(response.headers.get('retry-after'));
    /** @type {number | undefined} */
    this.pauseMs = seconds > 0 ? Math.min(seconds * 1000, 60_000) : undefined;
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  // Browsers say "Failed to fetch" of all that is wrong with a network.
  if (error instanceof TypeError) return 'the launcher cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
