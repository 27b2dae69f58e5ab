/**
 * diskimage-builder in a container of Docker or podman, one for each build.
 *
 *   image there -> create -> work folder -> start -> (runs, is followed) -> ended -> clean -> removed
 *                                             +-> abort: SIGTERM (it unmounts), a grace time, SIGKILL --^
 *
 * The container stays until all that it left is cleaned, and carries the builder's name: so a builder
 * that was killed at any moment finds by it what there is to stop and to clean. What a killed build
 * leaves beside its container are loop devices, and its files in the work folder, a folder beside the
 * images named `<image>-<build>.work`.
 */
import { chmod, mkdir, open, rmdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { BuildContainer } from '../../schemas/config/model.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { hasLabel, NodepoolError } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import {
  abortReason,
  sleep,
  throwIfAborted,
  untilAborted,
  withDeadline,
} from '../../shared/base/wait.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import type { DaemonAddress } from './container/address.ts';
import { buildOptions, sweepOptions, type ContainerPlan } from './container/create-options.ts';
import { Daemon, type FoundContainer } from './container/daemon.ts';
import { Follower } from './container/follow.ts';
import type { RegistryLogin } from './container/registry-login.ts';
import type { DibJob, DibRunner } from './runner.ts';

export interface ContainerRunnerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly address: DaemonAddress;
  readonly settings: BuildContainer;
  /** What signs in at an image's registry; undefined: nothing is known. */
  readonly login: (image: string, signal: AbortSignal) => Promise<RegistryLogin | undefined>;
  /** Goes on the containers. */
  readonly builderId: string;
  /** Absolute, as are the folders below. */
  readonly imagesDir: string;
  readonly elementsDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** From SIGTERM to SIGKILL, whole seconds. Default: 30, to unmount what is mounted. */
  readonly graceSeconds?: number;
}

const GRACE_SECONDS = 30;
const RETRY_MS = 1000;
/** That a daemon which is away is given to come back when a container must go. */
const INSIST_MS = 60_000;
/** From a container's end to that of what it has said. */
const LAST_WORDS_MS = 60_000;
/** To remove what may be many files. */
const SWEEP_MS = 600_000;
const NEVER = new AbortController().signal;
/** Everybody may write, nobody remove what is another's. */
const SHARED_FOLDER = 0o1777;

export class ContainerRunner implements DibRunner {
  readonly #options: ContainerRunnerOptions;
  readonly #graceSeconds: number;
  /** Ids of the builds that have containers now. */
  readonly #active = new Set<string>();
  /** Ids of the builds that are over, and of which something may be left. */
  readonly #left = new Set<string>();
  #knowsAll = false;

  constructor(options: ContainerRunnerOptions) {
    this.#options = options;
    this.#graceSeconds = options.graceSeconds ?? GRACE_SECONDS;
  }

  async run(job: DibJob, signal: AbortSignal): Promise<number> {
    throwIfAborted(signal);
    const { address, clock } = this.#options;
    const daemon = await Daemon.connect(address, clock);
    await this.#ensureImage(daemon, signal);
    await this.#tellPlace(daemon, job);
    // What could not be removed when it was its time.
    await this.#endOthers(daemon, signal);
    throwIfAborted(signal);
    const output = await open(job.logPath, 'a+');
    this.#active.add(job.key.build);
    try {
      return await this.#build(daemon, job, output, signal);
    } finally {
      this.#active.delete(job.key.build);
      await output.close();
    }
  }

  /** The image that the daemon has under the name now, whatever its registry may have. */
  async place(_: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    throwIfAborted(signal);
    const { address, clock } = this.#options;
    const daemon = await Daemon.connect(address, clock);
    return placeOf(await untilAborted(daemon.imageId(this.#options.settings.image), signal));
  }

  get hasLeft(): boolean {
    return !this.#knowsAll || this.#left.size > 0;
  }

  holds({ build }: BuildKey): boolean {
    return !this.#knowsAll || this.#active.has(build) || this.#left.has(build);
  }

  /** @throws NodepoolError NP_BUILD_RUNNER where the daemon cannot be asked. */
  async cleanUp(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { address, clock } = this.#options;
    await this.#endOthers(await Daemon.connect(address, clock), signal);
  }

  async #endOthers(daemon: Daemon, signal: AbortSignal): Promise<void> {
    const { builderId, log } = this.#options;
    const before = [...this.#left];
    const found = await daemon.ofBuilder(builderId);
    const others = found.filter(({ key }) => !this.#active.has(key.build));
    // All of them first: what is known of one must not be lost with another.
    for (const { key } of others) this.#left.add(key.build);
    this.#knowsAll = true;
    for (const build of before)
      if (!found.some(({ key }) => key.build === build)) this.#left.delete(build);
    for (const one of others) {
      throwIfAborted(signal);
      log.warn('ends a build that nobody waits for', { ...one.key, container: one.id });
      await this.#end(daemon, one);
    }
  }

  /** It may have been pulled a moment ago. */
  async #tellPlace(daemon: Daemon, { onPlace }: DibJob): Promise<void> {
    const place = placeOf(await daemon.imageId(this.#options.settings.image));
    if (place !== undefined) onPlace?.(place);
  }

  async #ensureImage(daemon: Daemon, signal: AbortSignal): Promise<void> {
    const { settings, log } = this.#options;
    const { image, pull } = settings;
    if (pull !== 'always' && (await daemon.hasImage(image))) return;
    if (pull === 'never')
      throw new NodepoolError('NP_BUILD_RUNNER', `image ${image} is not at ${daemon.address}`, {
        labels: ['notFound'],
        hint: 'Build or pull it there, or set extensions: builder: container: pull: missing.',
      });
    throwIfAborted(signal);
    log.info('pulls an image for builds', { image });
    await daemon.pull(image, await this.#login(image, signal), signal);
  }

  /** A public image can be had without. */
  async #login(image: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
    try {
      return await this.#options.login(image, signal);
    } catch (error) {
      throwIfAborted(signal);
      this.#options.log.warn('pulls without signing in at the registry', { image, error });
      return undefined;
    }
  }

  async #build(
    daemon: Daemon,
    job: DibJob,
    output: FileHandle,
    signal: AbortSignal,
  ): Promise<number> {
    const { clock, log } = this.#options;
    const plan = this.#planFor(job.key);
    const id = await this.#create(daemon, plan, job);
    try {
      throwIfAborted(signal);
      await this.#makeWorkDir(plan.workDir);
      await daemon.start(id);
      log.debug('a container builds', { ...job.key, container: id });
      const follower = new Follower({ daemon, clock, log, id, output });
      return await this.#follow(daemon, id, follower, signal);
    } finally {
      await this.#end(daemon, { id, key: job.key });
    }
  }

  async #create(daemon: Daemon, plan: ContainerPlan, job: DibJob): Promise<string> {
    try {
      return await daemon.create(buildOptions(plan, job, this.#graceSeconds));
    } catch (error) {
      // It may be made, and the answer lost.
      if (hasLabel(error, 'unreachable')) this.#left.add(job.key.build);
      throw error;
    }
  }

  /** It is heard to its last word even if it is told to end. */
  async #follow(
    daemon: Daemon,
    id: string,
    follower: Follower,
    signal: AbortSignal,
  ): Promise<number> {
    const { clock } = this.#options;
    const hearing = new AbortController();
    const ending = follower.toEnd(hearing.signal);
    try {
      return await untilAborted(ending, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.#insist('stops a container', () => daemon.stop(id, this.#graceSeconds));
      await withDeadline(
        { clock, ms: LAST_WORDS_MS, signal: hearing.signal, error: () => abortReason(signal) },
        () => ending,
      ).catch(() => undefined);
      throw abortReason(signal);
    } finally {
      hearing.abort();
      await ending.catch(() => undefined);
    }
  }

  /** The container goes last: it is what tells that there is something to clean. */
  async #end(daemon: Daemon, { id, key }: FoundContainer): Promise<void> {
    const { log } = this.#options;
    this.#left.add(key.build);
    if (!(await this.#insist('stops a container', () => daemon.stop(id, this.#graceSeconds))))
      return;
    try {
      await this.#clean(daemon, key);
    } catch (error) {
      log.warn('something of a build is left; tried again', { ...key, error });
      return;
    }
    if (await this.#insist('removes a container', () => daemon.remove(id)))
      this.#left.delete(key.build);
  }

  async #clean(daemon: Daemon, key: BuildKey): Promise<void> {
    const plan = this.#planFor(key);
    if (await isGone(plan.workDir)) return;
    this.#options.log.debug('sweeps up after a build', { ...key });
    const id = await daemon.create(sweepOptions(plan, key));
    try {
      await daemon.start(id);
      // Its words are about what was not there: nobody wants them.
      await daemon.untilEnded(id, SWEEP_MS);
    } finally {
      await this.#insist('removes a container', () => daemon.remove(id));
    }
    if (!(await isGone(plan.workDir))) throw new Error(`${plan.workDir} cannot be removed`);
  }

  /**
   * A daemon that is away for a moment is waited for; what stays undone is the next clean-up's. False:
   * it is undone.
   */
  async #insist(doing: string, work: () => Promise<void>): Promise<boolean> {
    const { clock, log } = this.#options;
    const end = clock.monotonic() + INSIST_MS;
    for (;;) {
      try {
        await work();
        return true;
      } catch (error) {
        if (hasLabel(error, 'notFound')) return true;
        if (!hasLabel(error, 'unreachable') || clock.monotonic() >= end) {
          log.error('a container of a build is left; tried again', { doing, error });
          return false;
        }
        await sleep(clock, RETRY_MS, NEVER);
      }
    }
  }

  #planFor({ image, build }: BuildKey): ContainerPlan {
    const { settings, builderId, imagesDir, elementsDir, cacheDir } = this.#options;
    const workDir = join(imagesDir, `${image}-${build}.work`);
    return { settings, builderId, imagesDir, elementsDir, cacheDir, workDir };
  }

  async #makeWorkDir(path: string): Promise<void> {
    await mkdir(path);
    if (this.#options.settings.user !== undefined) await chmod(path, SHARED_FOLDER);
  }
}

function placeOf(imageId: string | undefined): string | undefined {
  return imageId === undefined ? undefined : `image ${imageId}`;
}

/** Removes a work folder that is empty, as diskimage-builder leaves it. */
async function isGone(workDir: string): Promise<boolean> {
  try {
    await rmdir(workDir);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}
