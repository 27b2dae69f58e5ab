/** Calls for the objects of one kind, in one namespace or in none. */
import { CloudError, hasCode } from '../../../base/errors.ts';
import type { Caller } from './caller.ts';
import { answerError, isExpired } from './errors.ts';
import type { KubeObject } from './objects.ts';
import type { Listed, WatchedOptions } from './watches.ts';
import { Watched } from './watches.ts';

/** Which objects of a collection. Default: all. */
export interface Selection {
  /** Labels that they carry, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Fields as the cluster selects by them: `{ 'metadata.name': 'zuul-worker' }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

export interface CollectionOptions<T> {
  readonly caller: Caller;
  /** `/api/v1`, or `/apis/GROUP/VERSION`. */
  readonly api: string;
  /** In the plural: `pods`. */
  readonly resource: string;
  /** Undefined: it has none, or they are of all. */
  readonly namespace: string | undefined;
  /** Whether the kind has namespaces. */
  readonly isNamespaced: boolean;
  /** What watches need. */
  readonly watching: Pick<WatchedOptions<T>, 'clock' | 'random' | 'log' | 'pollSeconds' | 'isBusy'>;
  /** Of the kind, over all namespaces. */
  readonly watched: Set<Watched<T & KubeObject>>;
}

/** Of a listing in one call. */
const PAGE_SIZE = 500;
/** A listing of more pages is one that leads in a circle. */
const MOST_PAGES = 10_000;
/** What goes with an object is left to the cluster; as in the original. */
const DELETION = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
/** Said with 409 of what is on its way out. */
const ENDS_ALREADY = /\ball content is removed\b|\bbeing (deleted|terminated)\b/;

export class Collection<T extends KubeObject, Body extends KubeObject = T> {
  readonly #options: CollectionOptions<T>;
  readonly #path: string;

  constructor(options: CollectionOptions<T>) {
    const { api, resource, namespace } = options;
    const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    this.#options = options;
    this.#path = `${api}${place}/${resource}`;
  }

  /**
   * Safe to repeat. Where something of that name is there already, perhaps since a first try whose
   * answer was lost, it rejects with an error of which `isTaken` is true.
   */
  async create(body: Body, signal: AbortSignal): Promise<T> {
    const answer = await this.#options.caller.call(
      { method: 'POST', path: this.#path, body },
      signal,
    );
    return this.#wrote(answer);
  }

  /** Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<T | undefined> {
    try {
      return (await this.#options.caller.call(
        { method: 'GET', path: this.#pathOf(name) },
        signal,
      )) as T;
    } catch (error) {
      if (hasCode(error, 'NP_CLOUD_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Asks for the deletion, which goes on after the answer. `false`: there is none. */
  async delete(name: string, signal: AbortSignal): Promise<boolean> {
    const call = { method: 'DELETE', path: this.#pathOf(name), body: DELETION } as const;
    try {
      this.#wrote(await this.#options.caller.call(call, signal));
      return true;
    } catch (error) {
      if (hasCode(error, 'NP_CLOUD_NOT_FOUND')) return false;
      if (error instanceof CloudError && ENDS_ALREADY.test(error.message)) return true;
      throw error;
    }
  }

  /** All pages. */
  async list(selection: Selection, signal: AbortSignal): Promise<readonly T[]> {
    return (await this.#list(selection, signal)).items;
  }

  /** A watch that begins when somebody waits. To be closed by whoever asked for it, or the cluster. */
  watch(selection: Selection): Watched<T> {
    const { caller, resource, watching, watched } = this.#options;
    const one: Watched<T> = new Watched<T>({
      ...watching,
      name: resource,
      keyOf: (object) => this.#keyOf(object),
      isPart: (object) => this.#isPart(object, selection),
      list: (signal) => this.#list(selection, signal),
      open: (version, seconds, signal) =>
        caller.open(
          {
            method: 'GET',
            path: this.#path,
            query: {
              ...queryOf(selection),
              watch: 'true',
              resourceVersion: version,
              allowWatchBookmarks: 'true',
              timeoutSeconds: String(seconds),
            },
            isShared: true,
          },
          signal,
        ),
      onClose: () => watched.delete(one),
    });
    watched.add(one);
    return one;
  }

  async #list(selection: Selection, signal: AbortSignal): Promise<Listed<T>> {
    const query = queryOf(selection);
    try {
      return await this.#pages({ ...query, limit: String(PAGE_SIZE) }, signal);
    } catch (error) {
      // It took so long that the cluster has forgotten where it began: then in one go.
      if (!isExpired(error)) throw error;
      return this.#pages(query, signal);
    }
  }

  async #pages(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Listed<T>> {
    const items: T[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = (await this.#options.caller.call(
        {
          method: 'GET',
          path: this.#path,
          query: { ...query, ...(from !== undefined && { continue: from }) },
          isShared: true,
        },
        signal,
      )) as Page<T>;
      const { items: found }: { readonly items: unknown } = page;
      if (!Array.isArray(found) && found !== null)
        throw answerError(`GET ${this.#options.resource}`, 'the answer is no list');
      for (const item of page.items ?? []) items.push(item);
      from = page.metadata?.continue;
      if (from === undefined || from === '')
        return { items, version: page.metadata?.resourceVersion };
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `a listing of more than ${MOST_PAGES} pages`);
  }

  #pathOf(name: string): string {
    return `${this.#path}/${encodeURIComponent(name)}`;
  }

  #keyOf({ metadata }: T): string {
    const { isNamespaced, namespace: own } = this.#options;
    const { name = '', namespace = '' } = metadata ?? {};
    return isNamespaced && own === undefined ? `${namespace}/${name}` : name;
  }

  /** What was written may be an object, or only the word that it was done. */
  #wrote(answer: object): T {
    const object = answer as T & { readonly kind?: string };
    if (object.kind !== 'Status' && object.metadata?.name !== undefined)
      for (const one of this.#options.watched) one.wrote(object);
    return object;
  }

  #isPart({ metadata }: T, { labels = {}, fields = {} }: Selection): boolean {
    const { namespace } = this.#options;
    if (namespace !== undefined && metadata?.namespace !== namespace) return false;
    const known: Readonly<Record<string, string | undefined>> = {
      'metadata.name': metadata?.name,
      'metadata.namespace': metadata?.namespace,
    };
    return (
      Object.entries(labels).every(([label, value]) => metadata?.labels?.[label] === value) &&
      Object.entries(fields).every(([field, value]) => known[field] === value)
    );
  }
}

interface Page<T> {
  /** Go writes an empty list as null. */
  readonly items: readonly T[] | null;
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

function queryOf({ labels = {}, fields = {} }: Selection): Readonly<Record<string, string>> {
  const text = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
  const [labelSelector, fieldSelector] = [text(labels), text(fields)];
  return {
    ...(labelSelector !== '' && { labelSelector }),
    ...(fieldSelector !== '' && { fieldSelector }),
  };
}
