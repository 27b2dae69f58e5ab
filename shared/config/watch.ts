/**
 * Keeps the configuration up to date while a daemon runs.
 *
 * A change of the files is noticed by an event of their directories, and, where the system tells of
 * none (network file systems, replaced directories), by comparing their stamps every
 * `extensions: intervals: config-check` seconds. `reload()` reads in any case: SIGHUP.
 *
 * A file that is broken leaves the last good configuration in force, and says why once for each
 * content. Does not notice changes of other files, such as clouds.yaml: that is what SIGHUP is for.
 */
import { watch as watchPath } from 'node:fs';
import { dirname } from 'node:path';

import type { Config } from '../../schemas/config/model.ts';
import type { Clock } from '../base/clock.ts';
import { hasCode, messageOf, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { compareConfigs } from './changes.ts';
import type { ConfigChanges } from './changes.ts';
import { loadConfig, stampFiles } from './load.ts';
import type { FileStamp, LoadOptions, LoadResult } from './load.ts';
import { formatProblem, InvalidConfigError } from './problem.ts';

export interface ConfigChange {
  readonly config: Config;
  readonly previous: Config;
  readonly changes: ConfigChanges;
}

export interface ConfigWatcherOptions extends LoadOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls back at each event in the directory; the answer ends that. For tests. */
  readonly watchDirectory?: (path: string, onEvent: () => void) => () => void;
}

/** Editors write in several steps; this long after the first event the files are looked at. */
const SETTLE_MS = 200;
/** A file that is being replaced does not exist for a moment. */
const RETRY_MS = 500;
const MAX_RETRIES = 2;
/** Characters that are parsed within a few milliseconds; more would hold up the daemon's work. */
const ASIDE_ABOVE = 8_000;

export class ConfigWatcher {
  readonly #options: ConfigWatcherOptions;
  readonly #paths: readonly string[];
  readonly #listeners = new Set<(change: ConfigChange) => void>();
  readonly #closers: (() => void)[] = [];
  #current: LoadResult;
  #stamps: ReadonlyMap<string, FileStamp>;
  #brokenDigest: string | undefined;
  #cancelSettle: (() => void) | undefined;
  #cancelCheck: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #retries = 0;
  #work: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  /** `initial` is what the daemon started with. */
  constructor(options: ConfigWatcherOptions, initial: LoadResult) {
    this.#options = options;
    this.#paths = [...initial.fileStamps.keys()];
    this.#current = initial;
    this.#stamps = initial.fileStamps;
  }

  /** The last good configuration. */
  get config(): Config {
    return this.#current.config;
  }

  /** Calls the listener after each change, until the answer is called. */
  onChange(listener: (change: ConfigChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    for (const directory of new Set(this.#paths.map((path) => dirname(path)))) {
      const watchDirectory = this.#options.watchDirectory ?? this.#watchDirectory;
      this.#closers.push(
        watchDirectory(directory, () => {
          this.#settle();
        }),
      );
    }
    this.#scheduleCheck();
  }

  /** Reads the files, changed or not, and tells the listeners if they are good. */
  reload(): Promise<void> {
    return this.#enqueue(() => this.#load(true));
  }

  /** Resolves when nothing is being read. */
  idle(): Promise<void> {
    return this.#work;
  }

  /** Ends the watching; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort(
      new NodepoolError('NP_ABORTED', 'the configuration is not watched any more'),
    );
    this.#cancelSettle?.();
    this.#cancelCheck?.();
    this.#cancelRetry?.();
    for (const close of this.#closers.splice(0)) close();
    this.#listeners.clear();
    await this.#work;
  }

  readonly #watchDirectory = (path: string, onEvent: () => void): (() => void) => {
    const onError = (error: unknown): void => {
      this.#options.log.debug('Directory cannot be watched; its files are compared instead', {
        path,
        error,
      });
    };
    try {
      const watcher = watchPath(path, { persistent: false }, onEvent);
      watcher.on('error', (error) => {
        onError(error);
        watcher.close();
      });
      return () => {
        watcher.close();
      };
    } catch (error) {
      onError(error);
      return () => undefined;
    }
  };

  /** The first event starts the time; later ones do not put it off for ever. */
  #settle(): void {
    if (this.#closing.signal.aborted || this.#cancelSettle !== undefined) return;
    this.#cancelSettle = this.#options.clock.after(SETTLE_MS, () => {
      this.#cancelSettle = undefined;
      void this.#enqueue(() => this.#compare());
    });
  }

  #scheduleCheck(): void {
    if (this.#closing.signal.aborted) return;
    const ms = this.config.extensions.intervals.configCheckSeconds * 1000;
    this.#cancelCheck = this.#options.clock.after(ms, () => {
      void this.#enqueue(() => this.#compare()).then(() => {
        this.#scheduleCheck();
      });
    });
  }

  /** One after the other; never rejects, because the last good configuration goes on. */
  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#closing.signal.aborted) return;
      try {
        await step();
      } catch (error) {
        this.#options.log.error('Configuration could not be read', { error });
      }
    });
    return this.#work;
  }

  async #compare(): Promise<void> {
    const stamps = await stampFiles(this.#paths);
    if (this.#paths.every((path) => stamps.get(path) === this.#stamps.get(path))) return;
    await this.#load(false);
  }

  async #load(isAsked: boolean): Promise<void> {
    this.#cancelRetry?.();
    this.#stamps = await stampFiles(this.#paths);
    let loaded: LoadResult;
    try {
      loaded = await loadConfig({
        ...this.#options,
        asideAbove: ASIDE_ABOVE,
        signal: this.#closing.signal,
        previous: this.config,
      });
    } catch (error) {
      this.#refuse(error, isAsked);
      return;
    }
    if (this.#closing.signal.aborted) return;
    this.#retries = 0;
    if (this.#brokenDigest !== undefined) this.#options.log.info('Configuration is good again');
    this.#brokenDigest = undefined;
    this.#stamps = loaded.fileStamps;
    const previous = this.#current;
    this.#current = loaded;
    if (loaded.digest === previous.digest && !isAsked) return;
    for (const problem of loaded.warnings)
      this.#options.log.warn('Configuration is questionable', { problem: formatProblem(problem) });
    this.#tell(loaded.config, previous.config);
  }

  #tell(config: Config, previous: Config): void {
    const changes = compareConfigs(previous, config);
    this.#options.log.info('Configuration was read again', { ...changes });
    for (const listener of this.#listeners) {
      try {
        listener({ config, previous, changes });
      } catch (error) {
        this.#options.log.error('Configuration could not be applied', { error });
      }
    }
  }

  #refuse(error: unknown, isAsked: boolean): void {
    if (this.#closing.signal.aborted) return;
    if (hasCode(error, 'NP_CONFIG_UNREADABLE') && !isAsked && this.#retries < MAX_RETRIES) {
      this.#retries += 1;
      this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
        void this.#enqueue(() => this.#load(false));
      });
      return;
    }
    this.#retries = 0;
    const digest = error instanceof InvalidConfigError ? error.digest : messageOf(error);
    if (digest === this.#brokenDigest && !isAsked) return;
    this.#brokenDigest = digest;
    const { log } = this.#options;
    log.error('Configuration is refused; the last good one stays in force');
    if (!(error instanceof InvalidConfigError))
      log.error('Configuration could not be read', { error });
    else
      for (const problem of error.problems)
        if (problem.severity === 'error')
          log.error('Configuration is wrong', { problem: formatProblem(problem) });
  }
}
