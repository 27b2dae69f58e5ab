/** A program on a pseudo-terminal: what it shows, typing on it, and changing its size. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { installPackages } from '../../fixtures/processes/install.ts';
import { endWithUs } from '../../fixtures/processes/reaper.ts';
import { isInstalled } from '../../fixtures/processes/run.ts';

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class Pty {
  /** All that the program wrote, with its escape sequences. */
  written = '';
  /** Undefined while it runs. */
  code: number | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(program: readonly string[], { columns = 100, rows = 30, env }: PtyOptions) {
    const script = join(import.meta.dirname, 'on-terminal.py');
    this.#child = spawn('python3', [script, String(columns), String(rows), ...program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', ...env },
    });
    endWithUs(this.#child);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.written += text;
    });
    this.#ended = once(this.#child, 'close').then(([code]: unknown[]) => {
      this.code = Number(code);
    });
  }

  static async start(program: readonly string[], options: PtyOptions = {}): Promise<Pty> {
    if (!(await isInstalled('python3'))) await installPackages(['python3']);
    return new Pty(program, options);
  }

  /** Our command, from its source. */
  static nodepool(args: readonly string[], options?: PtyOptions): Promise<Pty> {
    const main = join(import.meta.dirname, '../../shared/cli/main.ts');
    return Pty.start([process.execPath, '--import=tsx', main, ...args], options);
  }

  type(text: string): void {
    this.#tell({ type: text });
  }

  resize(columns: number, rows: number): void {
    this.#tell({ resize: [columns, rows] });
  }

  /** To the program itself. */
  signal(number: number): void {
    this.#tell({ signal: number });
  }

  /** The lines of the last whole picture, without colours; see shared/cli/terminal/screen.ts. */
  get lines(): string[] {
    const last = this.written.slice(this.written.lastIndexOf('\x1b[H') + 3);
    // eslint-disable-next-line no-control-regex -- what is written to terminals has control characters
    const plain = last.replaceAll(/\x1b\[[0-?]*[@-~]/g, '');
    return plain.split(/\r*\n/).map((line) => line.trimEnd());
  }

  /** Whether the terminal is as it was before: not in the alternate screen, and with a cursor. */
  get isRestored(): boolean {
    const { written } = this;
    return (
      written.lastIndexOf('\x1b[?1049l') > written.lastIndexOf('\x1b[?1049h') &&
      written.lastIndexOf('\x1b[?25h') > written.lastIndexOf('\x1b[?25l')
    );
  }

  /** Resolves with its exit code. */
  async ended(): Promise<number> {
    await this.#ended;
    return this.code ?? -1;
  }

  /** Ends it if it still runs. */
  async close(): Promise<void> {
    if (this.code === undefined) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #tell(wish: object): void {
    this.#child.stdin?.write(`${JSON.stringify(wish)}\n`);
  }
}
