/**
 * Reads `text/event-stream` as it comes, in pieces of any size. Pure.
 * Source: HTML standard, "Interpreting an event stream".
 */

/** An event of this many characters is no honest one; chunks of rows are far smaller. */
const MOST_CHARACTERS = 32 * 1_048_576;

export class EventStreamReader {
  #rest = '';
  #name = '';
  /** @type {string[]} */
  #data = [];
  /** @type {(name: string, data: string) => void} */
  #onEvent;

  /** @param {(name: string, data: string) => void} onEvent */
  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  /**
   * @param {string} piece
   * @throws {Error} where a line does not end
   */
  push(piece) {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MOST_CHARACTERS)
      throw new Error('a line of the event stream is too long');
    for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  /** @param {string} line */
  #line(line) {
    if (line === '') {
      if (this.#data.length > 0) this.#onEvent(this.#name || 'message', this.#data.join('\n'));
      this.#name = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data.push(value);
  }
}
