/** Looks at what would go into a build of an image that began now. */
import type { DiskimageConfig } from '../../schemas/config/model.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { throwIfAborted } from '../../shared/base/wait.ts';
import { splitWords } from '../dib/split-words.ts';
import { findElements, type Element } from './elements.ts';
import { FileDigests } from '../files/file-digests.ts';
import { folderDigest } from './folder-digest.ts';
import { hidden, type Inputs } from './inputs.ts';
import type { InputsKey } from './key.ts';
import { usedElements } from './used-elements.ts';

export type SurveyedImage = Pick<DiskimageConfig, 'dibCmd' | 'elements' | 'release' | 'envVars'>;

/** All but the place where it is built. */
export interface Survey {
  /** With the folders of the elements that are known to be used. */
  readonly inputs: Omit<Inputs, 'place'>;
  /** Digests of all folders that were looked at. */
  readonly folders: ReadonlyMap<string, string>;
}

export interface SurveyQuestion {
  readonly image: SurveyedImage;
  readonly elementsDir: string | undefined;
  /**
   * Names of elements that are looked at, too, if they are here; or all that are here, of which those
   * that cannot be read are left out.
   */
  readonly extra: readonly string[] | 'all';
  readonly round: Round;
}

export interface SurveyorOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Hides what may be secret. */
  readonly key: InputsKey;
}

/** What has been found out in one round over all images: each thing is looked at once. */
export class Round {
  readonly #elements = new Map<string, Promise<ReadonlyMap<string, Element>>>();
  readonly #digests = new Map<string, Promise<string>>();

  /** Of the folders in this ELEMENTS_PATH. */
  elements(searchPath: string): Promise<ReadonlyMap<string, Element>> {
    return once(this.#elements, searchPath, () => findElements(searchPath));
  }

  digest(folder: string, files: FileDigests): Promise<string> {
    return once(this.#digests, folder, () => folderDigest(folder, files));
  }
}

export class Surveyor {
  readonly #options: SurveyorOptions;
  readonly #files: FileDigests;

  constructor(options: SurveyorOptions) {
    this.#options = options;
    this.#files = new FileDigests(options.clock);
  }

  /** @throws NodepoolError NP_BUILD_INPUTS where a folder is too large; else what the system says. */
  async survey(question: SurveyQuestion, signal: AbortSignal): Promise<Survey> {
    const { image, elementsDir, extra, round } = question;
    const key = await this.#options.key.get();
    const here = await round.elements(image.envVars.ELEMENTS_PATH ?? elementsDir ?? '');
    const elements = image.elements.flatMap(splitWords);
    const used = usedElements(elements, here);
    const folders = new Map<string, string>();
    const add = async (name: string, element: Element): Promise<void> => {
      throwIfAborted(signal);
      folders.set(name, await round.digest(element.path, this.#files));
    };
    for (const [name, element] of here)
      if (used.includes(name) || (extra !== 'all' && extra.includes(name)))
        await add(name, element);
      else if (extra === 'all') await add(name, element).catch(() => undefined);
    const hide = ([name, value]: [string, string]): [string, string] => [name, hidden(value, key)];
    const inputs = {
      command: hidden(image.dibCmd, key),
      elements,
      release: image.release,
      variables: Object.fromEntries(Object.entries(image.envVars).map(hide)),
      folders: foldersOf(folders, [...used, ...(extra === 'all' ? [] : extra)]),
    };
    return { inputs, folders };
  }

  /** After all images have been looked at: forgets files that none of them uses. */
  endRound(): void {
    this.#files.forgetUnseen();
  }
}

/** What was asked for before is not done again. */
export function once<T>(
  known: Map<string, Promise<T>>,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = known.get(name);
  if (before !== undefined) return before;
  const now = work();
  known.set(name, now);
  return now;
}

/** Of the elements named, as far as they are here. */
export function foldersOf(
  folders: ReadonlyMap<string, string>,
  names: readonly string[],
): Record<string, string> {
  const entries = [...new Set(names)].toSorted().flatMap((name): [string, string][] => {
    const digest = folders.get(name);
    return digest === undefined ? [] : [[name, digest]];
  });
  return Object.fromEntries(entries);
}
