/** A terminal that is typed on and looked at by a test. */
import type { Size, Terminal } from '../../../../shared/cli/terminal/terminal.ts';

export class FakeTerminal implements Terminal {
  hasColour = false;
  isScreen = true;
  columns = 80;
  rows = 24;
  /** All that was written. */
  written = '';
  /** What is written at the end of the process. */
  readonly atExit = new Set<string>();
  /** How often it was stopped. */
  stops = 0;
  #typed: ((text: string) => void) | undefined;
  #resized: (() => void) | undefined;

  size(): Size {
    return { columns: this.columns, rows: this.rows };
  }

  onResize(listener: () => void): () => void {
    this.#resized = listener;
    return () => (this.#resized = undefined);
  }

  write(text: string): void {
    this.written += text;
  }

  onTyped(listener: (text: string) => void): () => void {
    this.#typed = listener;
    return () => (this.#typed = undefined);
  }

  writeAtExit(text: string): () => void {
    this.atExit.add(text);
    return () => this.atExit.delete(text);
  }

  suspend(goOn: () => void): void {
    this.stops++;
    goOn();
  }

  /** Whether anybody reads its keyboard. */
  get isRead(): boolean {
    return this.#typed !== undefined;
  }

  type(text: string): void {
    this.#typed?.(text);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#resized?.();
  }

  /** The lines of the last picture, without colours. */
  get lines(): string[] {
    return linesOf(this.written);
  }
}

/** The last picture in what was written to a terminal. */
export function linesOf(written: string): string[] {
  const last = written.slice(written.lastIndexOf('\x1b[H') + 3);
  // eslint-disable-next-line no-control-regex -- what is written to terminals has control characters
  const plain = last.replaceAll(/\x1b\[[0-?]*[@-~]/g, '');
  return plain.split('\r\n').map((line) => line.trimEnd());
}
