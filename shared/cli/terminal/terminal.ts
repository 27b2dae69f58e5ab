/**
 * The terminal that a command runs on: its size, its keyboard, and what must be put right when the
 * process ends however it ends.
 */
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

import type { Environment } from '../../config/substitute.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Terminal {
  /** Whether it may be written to in colours: not with NO_COLOR (no-color.org) or TERM=dumb. */
  readonly hasColour: boolean;
  /** Whether it can be drawn upon: the cursor can be moved. */
  readonly isScreen: boolean;
  size(): Size;
  /** The answer ends it. */
  onResize(listener: () => void): () => void;
  write(text: string): void;
  /**
   * Tells what is typed, as the terminal sends it and without an echo, until the answer is called. Never
   * calls where the standard input is no terminal.
   */
  onTyped(listener: (text: string) => void): () => void;
  /** Writes at the end of the process, unless the answer was called before. */
  writeAtExit(text: string): () => void;
  /** Stops the process as Ctrl-Z does; calls back when it goes on. */
  suspend(goOn: () => void): void;
}

/** Where a terminal tells no size. */
const USUAL: Size = { columns: 80, rows: 24 };

/** Until a process that was told to stop has stopped. */
const STOPPING_MS = 50;

export interface TerminalOfProcess {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly environment: Environment;
}

/** Undefined where the standard output is no terminal. */
export function terminalOf({
  stdin,
  stdout,
  environment,
}: TerminalOfProcess): Terminal | undefined {
  // Streams that are none do not have the property, whatever the types say.
  if (!(stdout.isTTY as boolean | undefined)) return undefined;
  const isDumb = environment.TERM === 'dumb' || environment.TERM === undefined;
  return {
    hasColour: (environment.NO_COLOR ?? '') === '' && !isDumb,
    isScreen: !isDumb,
    size: () => ({
      columns: stdout.columns > 0 ? stdout.columns : USUAL.columns,
      rows: stdout.rows > 0 ? stdout.rows : USUAL.rows,
    }),
    onResize(listener) {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    write: (text) => void stdout.write(text),
    onTyped: (listener) => readKeys(stdin, listener),
    writeAtExit(text) {
      const atExit = (): void => {
        writeNow(text);
      };
      process.on('exit', atExit);
      return () => process.off('exit', atExit);
    },
    suspend(goOn) {
      process.kill(0, 'SIGTSTP');
      // Where no shell could continue it, it is not stopped at all; else this waits with the process.
      setTimeout(goOn, STOPPING_MS);
    },
  };
}

function readKeys(stdin: ReadStream, listener: (text: string) => void): () => void {
  if (!(stdin.isTTY as boolean | undefined)) return () => undefined;
  const onData = (data: Buffer | string): void => {
    listener(data.toString());
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    // A stream that is read keeps the process alive.
    stdin.pause();
  };
}

/** At the very end nothing that waits is done any more. */
function writeNow(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // The terminal has gone: nobody is left to put it right for.
  }
}
