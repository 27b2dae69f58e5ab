/** Room for builds in `images-dir`, and the words on it. */
import type { Clock } from '../../shared/base/clock.ts';
import { NodepoolError } from '../../shared/base/errors.ts';
import type { ImageFolder } from '../files/image-folder.ts';

/** Less is worth a word when a build fails. */
const LITTLE_BYTES = 2 ** 30;
const LOOK_MS = 5000;

/**
 * A build that fills the disk fails after an hour, and takes others with it.
 *
 * @throws NodepoolError NP_BUILD_NO_SPACE where there is less room than an earlier build took.
 */
export async function checkSpace(folder: ImageFolder, image: string): Promise<void> {
  const [free, needed] = await Promise.all([folder.freeBytes(), folder.largestBytes(image)]);
  if (free >= needed) return;
  throw new NodepoolError(
    'NP_BUILD_NO_SPACE',
    `image ${image}: ${mib(free)} are free in ${folder.path}, an earlier build took ${mib(needed)}`,
  );
}

/** Looks at the room while a build runs: what it fails with often does not tell that there was none. */
export class SpaceWatch {
  readonly #folder: ImageFolder;
  readonly #clock: Clock;
  #least = Infinity;
  #cancel = (): void => undefined;
  #isOver = false;

  constructor(folder: ImageFolder, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    void this.#look();
  }

  /** For the end of a message; empty where there was enough room. */
  get words(): string {
    if (this.#least >= LITTLE_BYTES) return '';
    return `; ${mib(this.#least)} were free in ${this.#folder.path} at the least`;
  }

  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const free = await this.#folder.freeBytes().catch(() => Infinity);
    this.#least = Math.min(this.#least, free);
    if (this.#isOver) return;
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      void this.#look();
    });
  }
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
