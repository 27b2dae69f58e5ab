/**
 * What a build failed at, in one line, from what diskimage-builder has said: which element, which
 * phase, which script of it, and its last words. Pure.
 *
 *   Copying hooks <...>/elements/<element>/<phase>.d/<script>     whose script it is
 *   dib-run-parts Running <...>/<phase>.d/<script>                it begins
 *   dib-run-parts <script> completed                              it is done
 *
 * Facts: diskimage_builder/lib/{img-functions,dib-run-parts}, 3.x.
 */

interface Script {
  readonly phase: string;
  readonly name: string;
}

/** The script that runs. */
export interface Step {
  /** Undefined: the log does not tell whose it is. */
  readonly element: string | undefined;
  /** Such as `install.d`. */
  readonly phase: string;
  readonly script: string;
}

/** Time and bar before each line. */
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \| ?/;
const COPYING = /^Copying hooks (.+)$/;
const HOOK = /(?:^|\/)([^/]+)\/([^/]+\.d)\/([^/]+)$/;
const RUNNING = /^dib-run-parts (?:.* )?Running (.+)$/;
const COMPLETED = /^dib-run-parts (?:.* )?(\S+) completed$/;
/**
 * The trace of diskimage-builder itself, which goes on to clean up after a script failed. Newer ones leave
 * out the begin of its path.
 */
const OWN_TRACE =
  /^\++ (?:\S*\/lib\/)?(?:img|common)-functions:|^\++ (?:\S+\/)?diskimage_builder\/lib\//;
/** It has failed, and what comes now is about something else. */
const CLEANING_UP = /^\++ \S+ +:\s+trap_cleanup\b/;
/** A command that a script is about to run. */
const TRACE = /^\++ (.+)$/;
const EXCEPTION = /^[\w.]*(?:Exception|Error): .+/;
/** What a command of the block device has said; its exception tells of no reason. */
const SUDO = / exec_sudo: (.+) exec_sudo \S+:\d+$/;
const SUDO_FAILED = 'exec_sudo failed';
const MOST_WORDS = 300;

export class FailureReader {
  readonly #elements = new Map<string, string>();
  #running: Script | undefined;
  #lastWords: string | undefined;
  #lastCommand: string | undefined;
  #exception: string | undefined;
  #sudo: string | undefined;
  #isOver = false;

  /** Is shown each line of the log, in order. */
  line(raw: string): void {
    const text = raw.replace(STAMP, '').trimEnd();
    if (this.#isOver || text === '') return;
    if (OWN_TRACE.test(text)) {
      this.#isOver = CLEANING_UP.test(text);
      return;
    }
    const copied = COPYING.exec(text)?.[1];
    const running = RUNNING.exec(text)?.[1];
    const completed = COMPLETED.exec(text)?.[1];
    if (copied !== undefined) this.#copied(copied);
    else if (running !== undefined) this.#begins(running);
    else if (completed !== undefined && completed === this.#running?.name) this.#ends();
    else this.#says(text);
  }

  /** Undefined: none runs, or the log does not tell. */
  get step(): Step | undefined {
    if (this.#running === undefined) return undefined;
    const { phase, name } = this.#running;
    return { element: this.#elements.get(`${phase}/${name}`), phase, script: name };
  }

  /** One line; undefined: the log does not tell. */
  summary(): string | undefined {
    const words = this.#words();
    const { step } = this;
    if (step === undefined) return words;
    const { element, phase, script } = step;
    const where = [...(element === undefined ? [] : [`element ${element}`]), phase, script].join(
      ', ',
    );
    return words === undefined ? where : `${where}: ${words}`;
  }

  #words(): string | undefined {
    const command = this.#lastCommand && `last command: ${this.#lastCommand}`;
    const words = this.#exception ?? this.#lastWords;
    return words !== undefined && command ? `${words} (${command})` : (words ?? command);
  }

  #copied(path: string): void {
    const [, element, phase, name] = HOOK.exec(path) ?? [];
    if (element !== undefined) this.#elements.set(`${phase ?? ''}/${name ?? ''}`, element);
  }

  #begins(path: string): void {
    const [, , phase, name] = HOOK.exec(path) ?? [];
    this.#running = phase === undefined || name === undefined ? undefined : { phase, name };
    this.#lastWords = undefined;
    this.#lastCommand = undefined;
    this.#exception = undefined;
  }

  #ends(): void {
    this.#running = undefined;
    this.#lastCommand = undefined;
  }

  #says(text: string): void {
    const words = text.length > MOST_WORDS ? `${text.slice(0, MOST_WORDS)}...` : text;
    const [, command] = TRACE.exec(words) ?? [];
    if (command !== undefined) {
      this.#lastCommand = command;
    } else {
      this.#sudo = SUDO.exec(text)?.[1] ?? this.#sudo;
      if (EXCEPTION.test(text)) this.#exception = this.#withReason(words);
      this.#lastWords = words;
    }
  }

  #withReason(words: string): string {
    return this.#sudo !== undefined && words.endsWith(SUDO_FAILED)
      ? `${words}: ${this.#sudo}`
      : words;
  }
}
