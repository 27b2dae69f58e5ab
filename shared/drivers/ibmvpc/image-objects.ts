/** Objects of uploads in the object storage: a file on its way into an image, and what is left of one. */
import { stat } from 'node:fs/promises';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { assertAsBuilt } from '../../cloud/as-built.ts';
import type { Extras } from '../../cloud/extras.ts';
import { sendSegments } from '../../cloud/segments.ts';
import { unlessThereIsNone } from '../../cloud/unless-none.ts';
import type { ImageUpload } from '../driver.ts';
import type { SentPart, Storage } from './client/storage.ts';
import { keyPrefix } from './image-names.ts';

export interface ImageObjectsOptions {
  readonly storage: Pick<
    Storage,
    'begin' | 'send' | 'complete' | 'abort' | 'delete' | 'keys' | 'partials'
  >;
  /** The provider's name. */
  readonly provider: string;
  readonly extras: Extras;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** The storage takes no smaller part, but for the last one, and no more parts than this. */
const LEAST_PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
/** A slow line may need this long for parts that share it. */
const PART_SECONDS = 300;

export class ImageObjects {
  readonly #options: ImageObjectsOptions;

  constructor(options: ImageObjectsOptions) {
    this.#options = options;
  }

  /** In parts, each with its checksum, and repeated for itself. A failure leaves parts behind. */
  async send(key: string, upload: ImageUpload, signal: AbortSignal): Promise<void> {
    const { storage, clock, random, log } = this.#options;
    const { name, file, checksums, onProgress } = upload;
    const { size } = await stat(file);
    const begun = await storage.begin(key, signal);
    const parts: SentPart[] = [];
    const sent = await sendSegments(
      {
        ...{ file, clock, random, log, onProgress, atOnce: PARTS_AT_ONCE },
        segmentBytes: Math.max(LEAST_PART_BYTES, Math.ceil(size / MOST_PARTS)),
        attemptSeconds: PART_SECONDS,
        send: async ({ index, bytes }, inner) => {
          parts[index] = await storage.send(begun, index + 1, bytes, inner);
        },
      },
      signal,
    );
    assertAsBuilt(name, sent.checksums, checksums);
    await storage.complete(begun, parts, signal);
  }

  /** The object, and what was sent of it if that was broken off. */
  async delete(key: string, signal: AbortSignal): Promise<void> {
    const { storage } = this.#options;
    try {
      await storage.delete(key, signal);
    } finally {
      for (const one of await this.#partials(key, signal))
        if (one.key === key) await storage.abort(one, signal);
    }
  }

  /** Keys of the provider's own, those of broken uploads too. There may be no bucket. */
  async keys(signal: AbortSignal): Promise<readonly string[]> {
    const prefix = keyPrefix(this.#options.provider);
    const partials = await this.#partials(prefix, signal);
    // What is completed meanwhile is an object then.
    const whole = await this.keysOf(prefix, signal);
    return [...new Set([...whole, ...partials.map(({ key }) => key)])];
  }

  /** Of objects that begin so. */
  async keysOf(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return (await unlessThereIsNone(this.#options.storage.keys(prefix, signal))) ?? [];
  }

  async #partials(prefix: string, signal: AbortSignal) {
    const { storage, extras } = this.#options;
    const found = extras.ask('uploads in parts', () => storage.partials(prefix, signal));
    return (await unlessThereIsNone(found)) ?? [];
  }
}
