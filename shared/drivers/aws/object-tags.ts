/**
 * Whose the objects of a bucket are. The key of ours tells; those of Python Nodepool have tags, which S3
 * shows for one object at a time: each is asked for once, some at each look.
 */
import { hasLabel } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Slots } from '../../cloud/slots.ts';
import type { Storage, StoredObject } from './client/storage.ts';
import { keyPrefix, tagsOfKey } from './image-names.ts';

type Tags = Readonly<Record<string, string>>;

/** Looks end soon, however much a bucket holds. */
const MOST_ASKED = 200;
const ASKED_AT_ONCE = 10;

/** Formats of uploads, with which the keys of Python Nodepool end. */
const IMAGE = /\.(ova|vhdx?|vmdk|raw)$/;

export interface ObjectTagsOptions {
  readonly storage: Pick<Storage, 'tags'>;
  readonly bucket: string;
  readonly provider: string;
  readonly log: Logger;
}

interface Known {
  readonly version: string;
  readonly tags: Tags;
}

export class ObjectTags {
  readonly #options: ObjectTagsOptions;
  /** By key, of the objects that were listed last. */
  #known: ReadonlyMap<string, Known> = new Map();
  #isToldOf = false;

  constructor(options: ObjectTagsOptions) {
    this.#options = options;
  }

  /** Those that may be ours, as far as their tags are known. */
  async of(
    objects: readonly StoredObject[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Tags>> {
    const { provider } = this.#options;
    const found = new Map<string, Tags>();
    const known = new Map<string, Known>();
    const unknown: StoredObject[] = [];
    for (const object of objects) {
      const { key, version } = object;
      const before = this.#known.get(key);
      const ofKey = tagsOfKey(key);
      if (ofKey !== undefined) {
        if (key.startsWith(keyPrefix(provider))) found.set(key, ofKey);
      } else if (before?.version === version) known.set(key, before);
      else if (IMAGE.test(key)) unknown.push(object);
    }
    const slots = new Slots(ASKED_AT_ONCE);
    await Promise.all(
      unknown.slice(0, MOST_ASKED).map(({ key, version }) =>
        slots.run(signal, async () => {
          const tags = await this.#ask(key, signal);
          if (tags !== undefined) known.set(key, { version, tags });
        }),
      ),
    );
    this.#known = known;
    for (const [key, { tags }] of known) found.set(key, tags);
    return found;
  }

  /** Undefined: nobody knows now. What we may not see is as good as without tags. */
  async #ask(key: string, signal: AbortSignal): Promise<Tags | undefined> {
    const { storage, bucket, log } = this.#options;
    try {
      return await storage.tags(bucket, key, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (hasLabel(error, 'retryable')) return undefined;
      if (!this.#isToldOf) log.warn('tags of an object cannot be seen', { bucket, key, error });
      this.#isToldOf = true;
      return {};
    }
  }
}
