/**
 * Asks for a build of an image and follows it to its end, by watches of ZooKeeper. A connection that is
 * lost is waited for, also with another session: nothing of ours ends with a session.
 */
import type { Clock } from '../../base/clock.ts';
import { hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { onAbort, sleep, throwIfAborted } from '../../base/wait.ts';
import { requestBuild } from '../../store/orders/builds.ts';
import { ImageStore } from '../../store/images.ts';
import { buildPath, componentRoot, imageBuildLockPath } from '../../store/paths.ts';
import type { WatchHandle, ZooKeeper } from '../../zookeeper/types.ts';
import { childrenOf } from '../records.ts';
import { judgeWait, type WaitVerdict, type WaitView } from './judge-wait.ts';

export type WaitEnd = Extract<WaitVerdict, { kind: 'ready' | 'failed' | 'lost' }>;

export interface BuildWaitOptions {
  readonly client: ZooKeeper;
  readonly image: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly warn: (line: string) => void;
  /** Told once, when the build has begun. */
  readonly onBegun: (build: string, builder: string | undefined) => void;
}

/** Between two tries where the connection is lost in the middle. */
const RETRY_MS = 1000;

export class BuildWait {
  readonly #options: BuildWaitOptions;
  readonly #images: ImageStore;
  #before: ReadonlySet<string> = new Set();
  #own: string | undefined;
  #isChanged = true;
  #resolve: (() => void) | undefined;
  #told = '';

  constructor(options: BuildWaitOptions) {
    this.#options = options;
    this.#images = new ImageStore(options.client, options.log.named('nodepool.zk.cache'));
  }

  /** Resolves when the build has ended, well or not. */
  async run(): Promise<WaitEnd> {
    const { client, image, signal } = this.#options;
    const images = this.#images;
    await images.tree.start(signal);
    const watches: WatchHandle[] = [];
    const forget = client.onState((state) => {
      if (state === 'suspended')
        this.#tell('the connection to ZooKeeper is lost; it is waited for');
    });
    try {
      images.tree.onChange(this.#changed);
      images.tree.onCurrent(this.#changed);
      for (const path of [imageBuildLockPath(image), componentRoot('builder')])
        watches.push(await client.addWatch(path, 'persistent', this.#changed, { signal }));
      this.#before = new Set(images.buildIds(image));
      await this.#overLosses(() => requestBuild(client, image, { signal }));
      return await this.#untilEnd();
    } finally {
      forget();
      for (const watch of watches) await watch.close().catch(() => undefined);
      await images.tree.stop();
    }
  }

  async #untilEnd(): Promise<WaitEnd> {
    for (;;) {
      await this.#nextChange();
      const end = await this.#overLosses(() => this.#judge());
      if (end !== undefined) return end;
    }
  }

  /** Does it again where the connection was lost in the middle. */
  async #overLosses<T>(work: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#options;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous')) throw error;
        await sleep(clock, RETRY_MS, signal);
      }
    }
  }

  /** Undefined: there is no end yet. */
  async #judge(): Promise<WaitEnd | undefined> {
    const { client, image, signal, onBegun } = this.#options;
    const verdict = judgeWait(await this.#look());
    if (verdict.kind === 'waiting') this.#tell(`${image} waits: ${verdict.text}`);
    else if (verdict.kind === 'ask-again') await requestBuild(client, image, { signal });
    else {
      if (this.#own === undefined && verdict.kind === 'building')
        onBegun(verdict.build, verdict.builder);
      this.#own = verdict.build;
      if (verdict.kind !== 'building') return verdict;
    }
    return undefined;
  }

  /** The lock is looked at between two looks at the record: who lets go has written before. */
  async #look(): Promise<WaitView> {
    const { client, image, signal, warn } = this.#options;
    const images = this.#images;
    const reading = { client, signal, warn };
    await images.tree.caughtUp(signal);
    const wasBuilding = this.#own !== undefined && this.#stateOf(this.#own) === 'building';
    const [holders, builders] = await Promise.all([
      wasBuilding ? childrenOf(imageBuildLockPath(image), reading) : undefined,
      childrenOf(componentRoot('builder'), reading),
    ]);
    await images.tree.caughtUp(signal);
    return {
      before: this.#before,
      own: this.#own,
      builds: images.buildIds(image).flatMap((build) => {
        const stored = images.builds.get(buildPath({ image, build }));
        return stored ? [{ build, record: stored.record }] : [];
      }),
      isRequested: images.isRequested(image),
      isPaused: images.isPaused(image),
      isUnheld: holders?.length === 0,
      hasBuilders: builders.length > 0,
    };
  }

  #stateOf(build: string): string | undefined {
    return this.#images.builds.get(buildPath({ image: this.#options.image, build }))?.record.state;
  }

  /** Each thing once, as long as nothing else is to be said. */
  #tell(text: string): void {
    if (text === this.#told) return;
    this.#told = text;
    this.#options.warn(`nodepool: ${text}`);
  }

  readonly #changed = (): void => {
    this.#isChanged = true;
    this.#resolve?.();
  };

  async #nextChange(): Promise<void> {
    const { signal } = this.#options;
    throwIfAborted(signal);
    if (!this.#isChanged)
      await new Promise<void>((resolve) => {
        const forget = onAbort(signal, resolve);
        this.#resolve = () => {
          forget();
          resolve();
        };
      });
    this.#resolve = undefined;
    this.#isChanged = false;
    throwIfAborted(signal);
  }
}
