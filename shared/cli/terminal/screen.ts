/**
 * The whole terminal as one picture that is drawn anew: entered, and left again whatever happens. It ends
 * with the signal, when the picture wants it, at Ctrl-C, or when it is closed.
 */
import { onAbort } from '../../base/wait.ts';
import { keysOf } from './keys.ts';
import { cutLine, lineWidth, paintLine, type Line } from './lines.ts';
import type { Size, Terminal } from './terminal.ts';

/** What is shown, and what keys do. */
export interface Picture {
  /** Lines that are too wide are cut, those that are too many left out. */
  draw(size: Size): readonly Line[];
  /** A key, or a character that was typed. Afterwards it is drawn anew. */
  press(key: string): 'go-on' | 'end';
}

export interface ScreenOptions {
  readonly terminal: Terminal;
  readonly picture: Picture;
  readonly signal: AbortSignal;
}

// The alternate screen, without a cursor, and lines that are not wrapped (xterm's private modes).
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';
/** They end a process at once; here the screen is left first. */
const HANGUPS = ['SIGHUP', 'SIGQUIT'] as const;

export class Screen {
  readonly #terminal: Terminal;
  readonly #picture: Picture;
  #isOpen = false;
  /** What the terminal shows, if nobody else has written to it. */
  #last = '';
  #undo: (() => void)[] = [];
  #forget: () => void = () => undefined;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  /** Settles when it has been left; rejects with what the picture threw. */
  readonly ended: Promise<void>;

  constructor({ terminal, picture, signal }: ScreenOptions) {
    this.#terminal = terminal;
    this.#picture = picture;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    for (const name of HANGUPS) process.once(name, this.close);
    this.#enter();
    this.#forget = onAbort(signal, this.close);
  }

  redraw = (): void => {
    if (!this.#isOpen) return;
    this.#guarded(() => {
      const frame = frameOf(this.#terminal, this.#picture);
      if (frame !== this.#last) this.#terminal.write(frame);
      this.#last = frame;
    });
  };

  close = (): void => {
    this.#leave();
    for (const name of HANGUPS) process.off(name, this.close);
    this.#forget();
    this.#settle?.resolve();
  };

  #enter = (): void => {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#last = '';
    this.#terminal.write(ENTER);
    this.#undo = [
      this.#terminal.writeAtExit(LEAVE),
      this.#terminal.onTyped((text) => {
        this.#type(text);
      }),
      this.#terminal.onResize(() => {
        this.#last = '';
        this.redraw();
      }),
    ];
    this.redraw();
  };

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const one of this.#undo.splice(0)) one();
    this.#terminal.write(LEAVE);
  }

  #type(text: string): void {
    this.#guarded(() => {
      for (const key of keysOf(text)) {
        if (key === 'suspend') {
          this.#leave();
          this.#terminal.suspend(this.#enter);
        } else if (key === 'interrupt' || this.#picture.press(key) === 'end') this.close();
        if (!this.#isOpen) return;
      }
      this.redraw();
    });
  }

  /** Whatever goes wrong, the terminal is left as it was found. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#settle?.reject(error);
      this.close();
    }
  }
}

function frameOf(terminal: Terminal, picture: Picture): string {
  const { columns, rows } = terminal.size();
  const lines = picture.draw({ columns, rows }).slice(0, rows);
  const painted = lines.map((line) => {
    const cut = cutLine(line, columns);
    // After the last column nothing is left to clear, and the cursor still stands on it.
    const rest = lineWidth(cut) < columns ? REST_OF_LINE : '';
    return `${paintLine(cut, terminal.hasColour)}${rest}`;
  });
  if (lines.length < rows) painted.push(REST_OF_SCREEN);
  return `${HOME}${painted.join('\r\n')}`;
}
