/** What `GET /metrics` answers, made at most once a second in each format. */
import type { Clock } from '../../base/clock.ts';
import { contentTypes, exposition, type ExpositionFormat, type Family } from './exposition.ts';

const AGE_MS = 1000;

export class MetricsPage {
  readonly contentTypes = contentTypes;
  readonly #families: () => Promise<readonly Family[]>;
  readonly #clock: Clock;
  readonly #made = new Map<ExpositionFormat, { atMs: number; body: Promise<string> }>();

  constructor(families: () => Promise<readonly Family[]>, clock: Clock) {
    this.#families = families;
    this.#clock = clock;
  }

  /** Many who ask at once get the same. */
  body(format: ExpositionFormat): Promise<string> {
    const now = this.#clock.monotonic();
    const made = this.#made.get(format);
    if (made && now - made.atMs < AGE_MS) return made.body;
    const body = this.#families().then((families) => exposition(families, format));
    this.#made.set(format, { atMs: now, body });
    return body;
  }
}
