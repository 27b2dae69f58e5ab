/**
 * The end of a text that may be endless: whole lines, the oldest go when there are too many. Pure.
 *
 * Lines are kept in blocks, so that a page can take away the oldest block as one element.
 */

export const LINES_OF_BLOCK = 200;
/** A line without end is cut here. */
const LONGEST_LINE = 4000;

/** What a terminal would take as an order: no text. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export class LogBuffer {
  #rest = '';
  #lines = 0;
  #blocks = 0;
  #mostBlocks;

  /** @param {number} mostLines */
  constructor(mostLines) {
    this.#mostBlocks = Math.max(2, Math.ceil(mostLines / LINES_OF_BLOCK));
  }

  /** Whether lines have been left away. */
  get isCut() {
    return this.#blocks > this.#mostBlocks;
  }

  /**
   * @param {string} piece
   * @returns {{ append: { isNewBlock: boolean, text: string }[], drop: number }}
   *   what is to be put at the end, and how many of the oldest blocks go
   */
  push(piece) {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    const had = Math.min(this.#blocks, this.#mostBlocks);
    /** @type {{ isNewBlock: boolean, text: string }[]} */
    const append = [];
    for (const line of lines) {
      const isNewBlock = this.#lines % LINES_OF_BLOCK === 0;
      const text = `${readable(line)}\n`;
      const last = append.at(-1);
      if (isNewBlock || last === undefined) append.push({ isNewBlock, text });
      else last.text += text;
      if (isNewBlock) this.#blocks++;
      this.#lines++;
    }
    const made = append.filter((one) => one.isNewBlock).length;
    const surplus = Math.max(0, had + made - this.#mostBlocks);
    // Of a long piece only the end is ever drawn; what would go to a block that goes goes with it.
    const unseen = Math.max(0, made - this.#mostBlocks);
    if (surplus - unseen >= had && append[0]?.isNewBlock === false && had > 0) append.shift();
    return {
      append: unseen === 0 ? append : append.slice(-this.#mostBlocks),
      drop: surplus - unseen,
    };
  }

  /** The last line, if the text does not end with a line's end. */
  end() {
    return this.push(this.#rest === '' ? '' : '\n');
  }
}

/** @param {string} line */
function readable(line) {
  // What a carriage return has written over is gone on a terminal, too.
  const shown = line.replace(/\r$/, '').split('\r').at(-1) ?? '';
  const text = shown.replace(CONTROL, '');
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)} ...` : text;
}
