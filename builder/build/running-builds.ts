/** The builds that run here, for whoever wants to see them or their logs. */
import type { Clock } from '../../shared/base/clock.ts';
import type { BuildKey } from '../../shared/store/paths.ts';

export interface RunningBuild extends BuildKey {
  readonly formats: readonly string[];
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

export class RunningBuilds {
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningBuild>();
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  list(): RunningBuild[] {
    return [...this.#running.values()];
  }

  has({ image, build }: BuildKey): boolean {
    return this.#running.get(build)?.image === image;
  }

  /** The answer ends it. */
  begin(key: BuildKey, formats: readonly string[]): () => void {
    this.#running.set(key.build, { ...key, formats, sinceMs: this.#clock.now() });
    this.changed();
    return () => {
      this.#running.delete(key.build);
      this.changed();
    };
  }

  /** Something about a build is new: it begins, has a log, or has ended. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Told of each change until the answer is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
