/**
 * Looks now and then whether what goes into images has changed since their newest builds.
 *
 *   newest usable build -> made here, with a record -> looked at anew -> judged (judge.ts)
 *
 * Only builds of this builder on this host count, whose record lies beside their files: what others have
 * put into theirs is not known, and two builders with different elements would build for ever.
 *
 * A look costs an `lstat` of each file of the elements that are used; nothing is read again that was read
 * before.
 */
import type { Config, DiskimageConfig } from '../../schemas/config/model.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { throwIfAborted } from '../../shared/base/wait.ts';
import type { BuildRecord } from '../../schemas/records/image.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import { Keeper } from '../keeper.ts';
import { changesOf, digestOfInputs, type Inputs } from './inputs.ts';
import type { InputsRecord } from './inputs-record.ts';
import { judge, type Judgement } from './judge.ts';
import { once, Round, type Surveyor } from './survey.ts';

export interface InputsWatchOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: () => Config;
  readonly surveyor: Pick<Surveyor, 'survey' | 'endRound'>;
  /** What lies beside the build; undefined: nothing that can be compared. */
  readonly recorded: (build: BuildKey) => Promise<InputsRecord | undefined>;
  /** As records of builds name us. */
  readonly host: string;
  readonly builderId: string;
  /** The newest build of the image that can be used. */
  readonly newest: (image: string) => NewestBuild | undefined;
  /** What builds by this command would run in now; undefined: not known before they begin. */
  readonly place: (dibCmd: string, signal: AbortSignal) => Promise<string | undefined>;
  /** A build has become outdated, or is not any more. */
  readonly onChange: () => void;
}

export interface NewestBuild {
  readonly id: string;
  readonly record: Pick<BuildRecord, 'builder' | 'builder_id' | 'state_time'>;
}

/** One look at all images. */
interface Tour {
  readonly round: Round;
  /** By command. */
  readonly places: Map<string, Promise<string | undefined>>;
}

interface Known {
  readonly build: string;
  /** Undefined: it cannot be compared. */
  readonly recorded: InputsRecord | undefined;
}

export class InputsWatch {
  readonly #options: InputsWatchOptions;
  readonly #keeper: Keeper;
  readonly #stopping = new AbortController();
  readonly #known = new Map<string, Known>();
  readonly #judged = new Map<string, Judgement>();
  /** What was logged of an image that cannot be looked at. */
  readonly #told = new Map<string, string>();

  constructor(options: InputsWatchOptions) {
    this.#options = options;
    this.#keeper = new Keeper({
      clock: options.clock,
      look: async () => {
        await this.#look();
        return undefined;
      },
      netSeconds: () => options.config().extensions.intervals.buildCheckSeconds,
      onError: (error) => {
        if (!this.#stopping.signal.aborted)
          options.log.error('inputs of images were not looked at', { error });
      },
    });
  }

  /** The build of the image whose inputs are known to differ from what a new one would have. */
  outdated(image: string): string | undefined {
    const { config } = this.#options;
    const judged = this.#judged.get(image);
    const isWanted = config().extensions.builder.isRebuiltOnChange;
    return isWanted && judged?.isOutdated === true ? judged.build : undefined;
  }

  /** Looks now, and from now on. */
  changed(): void {
    this.#keeper.changed();
  }

  /** Resolves when no look is under way; none comes after. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#keeper.stop();
  }

  async #look(): Promise<void> {
    const { config, surveyor, onChange } = this.#options;
    const { diskimages, extensions } = config();
    for (const known of [this.#known, this.#judged, this.#told])
      for (const name of known.keys()) if (!diskimages.has(name)) known.delete(name);
    if (!extensions.builder.isRebuiltOnChange) return;
    const tour: Tour = { round: new Round(), places: new Map() };
    for (const image of diskimages.values()) {
      const wasOutdated = this.outdated(image.name);
      await this.#lookAt(image, tour);
      if (this.outdated(image.name) !== wasOutdated) onChange();
    }
    surveyor.endRound();
  }

  /** Rejects only on a stop. */
  async #lookAt(image: DiskimageConfig, tour: Tour): Promise<void> {
    const { host, builderId, newest } = this.#options;
    const { name } = image;
    const build = newest(name);
    const isOurs = build?.record.builder === host && build.record.builder_id === builderId;
    if (build === undefined || !isOurs || image.isPaused) {
      this.#judged.delete(name);
      return;
    }
    try {
      const recorded = await this.#recordOf({ image: name, build: build.id });
      const now = recorded && (await this.#today(image, recorded, tour));
      this.#judge(name, build, recorded && now ? { recorded: recorded.inputs, now } : undefined);
      this.#told.delete(name);
    } catch (error) {
      throwIfAborted(this.#stopping.signal);
      this.#judge(name, build, undefined);
      this.#tell(name, error);
    }
  }

  /** Without `inputs` it cannot be told. */
  #judge(
    image: string,
    { id, record }: NewestBuild,
    inputs: { readonly recorded: Inputs; readonly now: Inputs } | undefined,
  ): void {
    const { clock, log } = this.#options;
    const before = this.#judged.get(image);
    const changes = inputs === undefined ? [] : changesOf(inputs.recorded, inputs.now);
    const judged = judge(before, {
      ...{ build: id, builtAt: record.state_time, now: clock.now() / 1000 },
      digest: inputs === undefined ? '' : digestOfInputs(inputs.now),
      hasChanged: changes.length > 0,
    });
    this.#judged.set(image, judged);
    const about = { image, build: id, changes: changes.join(', ') };
    if (judged.build !== before?.build && judged.streak > 1)
      log.warn('what goes into an image changes with each build', about);
    if (judged.isOutdated && before?.isOutdated !== true)
      log.info('what goes into an image has changed', about);
  }

  /** Read once: it does not change. */
  async #recordOf(key: BuildKey): Promise<InputsRecord | undefined> {
    const known = this.#known.get(key.image);
    if (known?.build === key.build) return known.recorded;
    const recorded = await this.#options.recorded(key);
    this.#known.set(key.image, { build: key.build, recorded });
    return recorded;
  }

  /** Undefined: what a build would run in is not known. */
  async #today(
    image: DiskimageConfig,
    { used }: InputsRecord,
    { round, places }: Tour,
  ): Promise<Inputs | undefined> {
    const { config, surveyor, place } = this.#options;
    const { signal } = this.#stopping;
    const { elementsDir } = config();
    const { inputs } = await surveyor.survey({ image, elementsDir, extra: used, round }, signal);
    const where = await once(places, image.dibCmd, () => place(image.dibCmd, signal));
    return where === undefined ? undefined : { ...inputs, place: where };
  }

  #tell(image: string, error: unknown): void {
    const text = messageOf(error);
    if (this.#told.get(image) === text) return;
    this.#told.set(image, text);
    this.#options.log.warn('what goes into an image cannot be told; it is built by age', {
      ...{ image, error },
    });
  }
}
