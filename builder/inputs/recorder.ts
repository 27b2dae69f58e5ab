/**
 * Records beside a build what went into it and what came out: `inputs.json`, `checksums.json` and
 * `sbom.cdx.json` in `<image>-<build>.d`.
 *
 * What went in is looked at before the build begins: what changes meanwhile is another build's. A build
 * is none the worse for what cannot be recorded.
 */
import type { Clock } from '../../shared/base/clock.ts';
import type { Logger } from '../../shared/base/log.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import { readWords, type BuildWords } from './build-words.ts';
import { sumsOf, type FileSums } from './checksums.ts';
import { contentIn } from './content.ts';
import { digestOfInputs } from './inputs.ts';
import { writeInputs, type InputsRecord } from './inputs-record.ts';
import type { InputsKey } from './key.ts';
import { RecordFolder } from './record-folder.ts';
import { sbomOf } from './sbom.ts';
import { foldersOf, Round, type Survey, type SurveyedImage, type Surveyor } from './survey.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: ImageFolder;
  readonly surveyor: Surveyor;
  readonly key: InputsKey;
  /** Of this program. */
  readonly version: string;
}

export interface RecordedBuild {
  readonly key: BuildKey;
  readonly image: SurveyedImage;
  readonly elementsDir: string | undefined;
  /** What it would run in, as far as it is known before it begins. */
  readonly place: () => Promise<string | undefined>;
}

/** What is known of a build at its end. */
export interface BuildFacts {
  readonly formats: readonly string[];
  /** What the runner says that it ran in; undefined: as `place` said before. */
  readonly place: string | undefined;
  /** First lines of the log. */
  readonly log: () => Promise<readonly string[]>;
}

/** Of one build. Nothing here rejects. */
export interface BuildRecording {
  /** When all files are there, and before anybody may look for the record. */
  finish(facts: BuildFacts, signal: AbortSignal): Promise<void>;
  /** The build has failed: leaves nothing. */
  drop(): Promise<void>;
}

const NO_WORDS: BuildWords = { version: undefined, elements: [] };

export class Recorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Before diskimage-builder is called. Does not reject. */
  async begin(build: RecordedBuild, signal: AbortSignal): Promise<BuildRecording> {
    const recording = new Recording(this.#options, build.key);
    await recording.begin(build, signal);
    return recording;
  }
}

class Recording implements BuildRecording {
  readonly #options: RecorderOptions;
  readonly #key: BuildKey;
  readonly #record: RecordFolder;
  #survey: Survey | undefined;
  #place: string | undefined;

  constructor(options: RecorderOptions, key: BuildKey) {
    this.#options = options;
    this.#key = key;
    this.#record = new RecordFolder(options.folder.path, key);
  }

  async begin(build: RecordedBuild, signal: AbortSignal): Promise<void> {
    const { image, elementsDir, place } = build;
    await this.#attempt(() => this.#record.open());
    // Which elements are used is known for certain only when it has run.
    const question = { image, elementsDir, extra: 'all', round: new Round() } as const;
    this.#survey = await this.#attempt(() => this.#options.surveyor.survey(question, signal));
    this.#place = await this.#attempt(place);
  }

  async finish({ formats, place, log }: BuildFacts, signal: AbortSignal): Promise<void> {
    const { folder, key } = this.#options;
    await this.#attempt(() => this.#record.close());
    const words = (await this.#attempt(async () => readWords(await log()))) ?? NO_WORDS;
    const known = recordOf(this.#survey, place ?? this.#place, words);
    await this.#attempt(async () => {
      if (known !== undefined) await writeInputs(this.#record, known, await key.get());
    });
    const files = (await this.#attempt(() => sumsOf(folder, this.#key, formats, signal))) ?? [];
    await this.#attempt(() => this.#record.write('checksums.json', files));
    await this.#attempt(() => this.#writeSbom(known, words, files));
  }

  async drop(): Promise<void> {
    await this.#attempt(() => this.#record.remove());
  }

  async #writeSbom(
    known: InputsRecord | undefined,
    words: BuildWords,
    files: readonly FileSums[],
  ): Promise<void> {
    const { clock, version, log } = this.#options;
    const content = await contentIn(this.#record.path, (file, error) => {
      log.warn('manifest of a build cannot be read', { ...this.#key, file, error });
    });
    const sbom = sbomOf({
      ...{ key: this.#key, content, files, version, nowMs: clock.now() },
      builderVersion: words.version,
      inputsDigest: known && digestOfInputs(known.inputs),
      elements: words.elements.length > 0 ? words.elements : (known?.inputs.elements ?? []),
    });
    await this.#record.write('sbom.cdx.json', sbom);
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.log.warn('something of a build is not recorded', { ...this.#key, error });
      return undefined;
    }
  }
}

/** Undefined: not all is known. */
function recordOf(
  survey: Survey | undefined,
  place: string | undefined,
  { elements }: BuildWords,
): InputsRecord | undefined {
  if (survey === undefined || place === undefined) return undefined;
  const { inputs } = survey;
  const folders = foldersOf(survey.folders, [...Object.keys(inputs.folders), ...elements]);
  return { inputs: { ...inputs, folders, place }, used: elements };
}
