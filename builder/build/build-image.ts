/**
 * One build of an image, from the lock to the record that says how it ended:
 *
 *   lock -> still due? -> record `building` -> diskimage-builder -> files there? -> `ready`
 *                                                  +-> anything else -> `failed`
 *
 * A connection that is lost for a while does no harm; a session that ends takes the lock away, and the
 * build is ended, as another builder may begin it anew.
 */
import { randomUUID } from 'node:crypto';

import type { DiskimageConfig } from '../../schemas/config/model.ts';
import type { BuildRecord } from '../../schemas/records/image.ts';
import { hasCode, messageOf, NodepoolError } from '../../shared/base/errors.ts';
import { joinSignals } from '../../shared/base/wait.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import type { OwnedBuild } from '../../shared/store/image-work.ts';
import type { HeldLock } from '../../shared/zookeeper/lock.ts';
import type { ZooKeeper } from '../../shared/zookeeper/types.ts';
import { claim } from '../claim.ts';
import { markAbandoned } from '../cleanup/mark.ts';
import { toState, type BuilderContext } from '../context.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import type { BuildRecording, Recorder } from '../inputs/recorder.ts';
import { writeEnd, writeEndAnd } from '../persist.ts';
import { recordRun, recordSize, TIMED_OUT } from '../telemetry/build-metrics.ts';
import type { BuildLogs } from './build-logs.ts';
import { commandWords, dibCommand } from '../dib/dib-command.ts';
import type { DibRunner } from '../dib/runner.ts';
import { checkSpace, SpaceWatch } from './space.ts';
import type { RunningBuilds } from './running-builds.ts';

export interface BuildTools {
  readonly client: ZooKeeper;
  readonly folder: ImageFolder;
  readonly logs: BuildLogs;
  readonly runner: DibRunner;
  /** Is told of each build, from its record to its end. */
  readonly running: RunningBuilds;
  /** Keeps what goes into builds. */
  readonly recorder: Recorder;
  /** Stands for `%p` in `dib-cmd`. */
  readonly packageDir: string;
}

export interface BuildJob {
  readonly image: DiskimageConfig;
  /** Those of its providers included. */
  readonly formats: readonly string[];
  readonly elementsDir: string | undefined;
  /** Looks once more, at what is known when the lock is held. */
  readonly isDue: () => boolean;
}

export type BuildResult =
  | { readonly kind: 'ready'; readonly key: BuildKey }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Somebody else builds it, or has built it. */
  | { readonly kind: 'not-needed' };

/** Of a log: in them diskimage-builder introduces itself. */
const HEAD_LINES = 200;

export class ImageBuilder {
  readonly #context: BuilderContext;
  readonly #tools: BuildTools;

  constructor(context: BuilderContext, tools: BuildTools) {
    this.#context = context;
    this.#tools = tools;
  }

  /** Rejects only where the lock could not be asked for, or when it is told to stop. */
  async run(job: BuildJob, signal: AbortSignal): Promise<BuildResult> {
    const lock = (): Promise<HeldLock | undefined> =>
      this.#context.work.lockImage(job.image.name, { signal });
    const held = await claim(this.#context, lock, job.isDue, signal);
    if (held === undefined) return { kind: 'not-needed' };
    try {
      await markAbandoned(this.#context, job.image.name, signal);
      await checkSpace(this.#tools.folder, job.image.name);
    } catch (error) {
      await held.release();
      this.#context.log.error('image cannot be built', { image: job.image.name, error });
      return { kind: 'failed', error };
    }
    return this.#build(job, held, signal);
  }

  async #build(job: BuildJob, held: HeldLock, signal: AbortSignal): Promise<BuildResult> {
    const { work, log, images } = this.#context;
    const { image } = job;
    const isRequested = images.isRequested(image.name);
    const key: BuildKey = { image: image.name, build: randomUUID().replaceAll('-', '') };
    let owned: OwnedBuild;
    try {
      owned = await work.createBuild(held, key, this.#newRecord(job));
    } catch (error) {
      await held.release();
      throw error;
    }
    const ended = this.#tools.running.begin(key, job.formats);
    log.info('build begins', { image: image.name, build: key.build, formats: job.formats });
    try {
      await this.#make(job, key, joinSignals([signal, held.signal]));
      await this.#finish(owned, job, isRequested);
      log.info('build is ready', { image: image.name, build: key.build });
      return { kind: 'ready', key };
    } catch (error) {
      const logFile = this.#tools.logs.pathOf(key);
      log.error('build failed', { image: image.name, build: key.build, log_file: logFile, error });
      await this.#fail(owned, image, key);
      return { kind: 'failed', error };
    } finally {
      ended();
    }
  }

  async #make(
    job: BuildJob,
    key: BuildKey,
    { signal, dispose }: ReturnType<typeof joinSignals>,
  ): Promise<void> {
    const { logs, runner, running, folder, packageDir } = this.#tools;
    let recording: BuildRecording | undefined;
    const space = new SpaceWatch(folder, this.#context.clock);
    let place: string | undefined;
    const onPlace = (told: string): void => {
      place = told;
    };
    try {
      recording = await this.#record(job, key, signal);
      await logs.prune(job.image.name);
      const logPath = await logs.begin(key);
      running.changed();
      const command = dibCommand({
        ...{ image: job.image, formats: job.formats, elementsDir: job.elementsDir, packageDir },
        output: folder.pathOf(key),
      });
      const code = await this.#measured(job.image, () =>
        this.#withTimeout(job.image, signal, (inner) =>
          runner.run({ ...command, key, logPath, onPlace }, inner),
        ),
      );
      await this.#endLog(key, code);
      if (code !== 0) {
        const reason = await logs.failureOf(key);
        const words = reason === undefined ? '' : `: ${reason}`;
        throw buildError(key, `exit code ${code}${words}${space.words}`);
      }
      await this.#checkFiles(key, job.formats);
      await this.#recordSizes(key, job.formats);
      const log = (): Promise<string[]> => logs.head(key, HEAD_LINES);
      await recording.finish({ formats: job.formats, place, log }, signal);
    } catch (error) {
      await recording?.drop();
      throw error;
    } finally {
      space.end();
      dispose();
    }
  }

  /** What goes into it now; what changes meanwhile is the next build's. */
  #record(
    { image, elementsDir }: BuildJob,
    key: BuildKey,
    signal: AbortSignal,
  ): Promise<BuildRecording> {
    const { recorder, runner, packageDir } = this.#tools;
    const place = (): Promise<string | undefined> =>
      runner.place(commandWords(image.dibCmd, packageDir), signal);
    return recorder.begin({ key, image, elementsDir, place }, signal);
  }

  /** A build that has gone well does not fail for the last line of its log. */
  async #endLog(key: BuildKey, code: number): Promise<void> {
    try {
      await this.#tools.logs.end(key, code);
    } catch (error) {
      this.#context.log.warn('the log of a build is not whole', { ...key, error });
    }
  }

  async #checkFiles(key: BuildKey, formats: readonly string[]): Promise<void> {
    for (const format of formats)
      if (!(await this.#tools.folder.sizeOf(key, format)))
        throw buildError(key, `it made no file of format ${format}`);
  }

  /** Tells statsd how a run has ended; nothing of one that was broken off. */
  async #measured(image: DiskimageConfig, run: () => Promise<number>): Promise<number> {
    const { clock, metrics } = this.#context;
    const began = clock.monotonic();
    const record = (exitCode: number): void => {
      const ms = clock.monotonic() - began;
      recordRun(metrics, { image: image.name, exitCode, ms, endedAtMs: clock.now() });
    };
    try {
      const code = await run();
      record(code);
      return code;
    } catch (error) {
      if (hasCode(error, 'NP_BUILD_TIMEOUT')) record(TIMED_OUT);
      throw error;
    }
  }

  async #recordSizes(key: BuildKey, formats: readonly string[]): Promise<void> {
    for (const format of formats) {
      const bytes = await this.#tools.folder.allocatedBytes(key, format);
      recordSize(this.#context.metrics, key.image, format, bytes);
    }
  }

  /** The runner ends when everything has ended, so it is waited for even when time is up. */
  async #withTimeout<T>(
    image: DiskimageConfig,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const seconds = image.buildTimeoutSeconds;
    const deadline = new AbortController();
    const cancel = this.#context.clock.after(seconds * 1000, () => {
      const text = `image ${image.name}: not built within ${seconds} s`;
      deadline.abort(new NodepoolError('NP_BUILD_TIMEOUT', text));
    });
    const joined = joinSignals([signal, deadline.signal]);
    try {
      return await run(joined.signal);
    } finally {
      cancel();
      joined.dispose();
    }
  }

  /** Whoever gets the image's lock next must not find a request that has been answered. */
  async #finish(
    owned: OwnedBuild,
    { image, formats }: BuildJob,
    isRequested: boolean,
  ): Promise<void> {
    const { work, clock } = this.#context;
    const { client } = this.#tools;
    const made = { formats: formats.toSorted().join(','), ...loginOf(image) };
    const patch = { state: 'ready', ...made } as const;
    if (!isRequested) return writeEnd(client, clock, owned, patch);
    const end = { ...patch, ...toState(clock, patch.state) };
    return writeEndAnd(client, owned, end, () => work.forgetRequest(image.name));
  }

  /** What it left goes with the record, which everybody's cleaning removes. */
  async #fail(owned: OwnedBuild, image: DiskimageConfig, key: BuildKey): Promise<void> {
    try {
      const patch = { state: 'failed', formats: undefined, ...loginOf(image) } as const;
      await writeEnd(this.#tools.client, this.#context.clock, owned, patch);
    } catch (error) {
      this.#context.log.warn('build failed, and its record does not say so', {
        ...key,
        reason: messageOf(error),
      });
      await owned.release();
    }
  }

  #newRecord({ formats }: BuildJob): BuildRecord {
    const { clock, host, builderId } = this.#context;
    return {
      ...toState(clock, 'building'),
      builder: host,
      builder_id: builderId,
      formats: formats.toSorted().join(','),
      ...{ username: null, python_path: null, shell_type: null },
    };
  }
}

/** The original writes it when the build has ended. */
function loginOf({ username, pythonPath, shellType }: DiskimageConfig) {
  return { username, python_path: pythonPath, shell_type: shellType ?? null };
}

function buildError({ image, build }: BuildKey, text: string): NodepoolError {
  return new NodepoolError('NP_BUILD_FAILED', `image ${image}, build ${build}: ${text}`);
}
