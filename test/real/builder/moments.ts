/** Moments in the work of a builder: when one comes, and which ones are there. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { IMAGE, type Build, type Ground } from './ground.ts';

/** What says that diskimage-builder works in the container, and that it has done so. */
const WORKS = 'tiny: building on';
const DONE = 'Build completed successfully';

export const PHASES = [
  'start',
  'before a build',
  'in diskimage-builder',
  'after diskimage-builder',
  'upload',
  'hook',
  'deletion of an upload',
  'deletion of a build',
] as const;
export type Phase = (typeof PHASES)[number];

/** About so long is each, in milliseconds: a kill comes at any moment of it. */
export const LENGTHS: Readonly<Record<Phase, number>> = {
  ...{ start: 2000, 'before a build': 500, 'in diskimage-builder': 4000 },
  ...{ 'after diskimage-builder': 1500, upload: 3000, hook: 1500 },
  ...{ 'deletion of an upload': 1500, 'deletion of a build': 100 },
};

/** What is there before the builder starts: only what comes after counts. */
export class Moments {
  readonly #ground: Ground;
  readonly #known: ReadonlySet<string>;

  constructor(ground: Ground) {
    this.#ground = ground;
    const { builds, uploads } = this.#records();
    this.#known = new Set([...builds, ...uploads].map(keyOf));
  }

  /** Resolves when the phase has begun. */
  async untilIn(phase: Phase): Promise<void> {
    if (phase === 'start') return;
    await this.#ground.until(async () => {
      assert.ok((await this.now(true)).includes(phase), phase);
    }, 10);
  }

  /** Of all phases those that are there, of what is new or of all. */
  async now(isNew = false): Promise<readonly Phase[]> {
    const { builds, uploads } = this.#records();
    const counts = (one: { id: string; build?: string; state: string }): boolean =>
      !isNew || !this.#known.has(keyOf(one));
    const found = new Set<Phase>();
    for (const build of builds.filter(counts)) {
      if (build.state === 'deleting') found.add('deletion of a build');
      if (build.state === 'building') found.add(await this.#phaseOf(build));
    }
    for (const { state } of uploads.filter(counts)) {
      if (state === 'uploading') found.add('upload');
      if (state === 'deleting') found.add('deletion of an upload');
    }
    if ((await readdir(this.#ground.hooksDir)).length > 0) found.add('hook');
    return PHASES.filter((phase) => found.has(phase));
  }

  async #phaseOf({ id }: Build): Promise<Phase> {
    const log = await this.#ground.buildLog(id);
    if (log.includes(DONE)) return 'after diskimage-builder';
    return log.includes(WORKS) ? 'in diskimage-builder' : 'before a build';
  }

  #records(): { builds: Build[]; uploads: ReturnType<Ground['uploads']> } {
    return { builds: this.#ground.builds(), uploads: this.#ground.uploads() };
  }
}

/** States make what is known anew. */
function keyOf(one: { id: string; build?: string; provider?: string; state: string }): string {
  return [IMAGE, one.build, one.provider, one.id, one.state].join('/');
}
