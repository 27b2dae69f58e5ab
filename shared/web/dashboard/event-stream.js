/**
 * Reads `text/event-stream` as it comes, in pieces of any size. Pure.
 * Source: HTML standard, "Interpreting an event stream".
 */

/** An event of this many characters is no honest one; chunks of rows are far smaller. */
const MOST_CHARACTERS = 8 * 1_048_576;

export class EventStreamReader {
  /**
   * Pieces of a line whose end has not come.
   *
   * @type {string[]}
   */
  #begun = [];
  #begunLength = 0;
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
    const end = piece.lastIndexOf('\n');
    if (end >= 0) {
      const lines = (this.#begun.join('') + piece.slice(0, end)).split('\n');
      this.#begun = [];
      this.#begunLength = 0;
      for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    this.#begun.push(piece.slice(end + 1));
    this.#begunLength += piece.length - end - 1;
    if (this.#begunLength > MOST_CHARACTERS)
      throw new Error('a line of the event stream is too long');
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
