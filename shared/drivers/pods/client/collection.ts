/** Calls for the objects of one kind, in one namespace or in none. */
import type { KubeObject } from './objects.ts';
import { Watched } from './watches.ts';

/** Which objects of a collection. Default: all. */
export interface Selection {
  /** Labels that they carry, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Fields as the cluster selects by them: `{ 'metadata.name': 'zuul-worker' }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

export class Collection<T extends KubeObject, Body extends KubeObject = T> {
  /**
   * Safe to repeat. Where something of that name is there already, perhaps since a first try whose
   * answer was lost, it rejects with an error of which `isTaken` is true.
   */
  create(_body: Body, _signal: AbortSignal): Promise<T> {
    return Promise.reject(new Error('not built yet'));
  }

  /** Undefined: there is none. */
  get(_name: string, _signal: AbortSignal): Promise<T | undefined> {
    return Promise.reject(new Error('not built yet'));
  }

  /** Asks for the deletion, which goes on after the answer. `false`: there is none. */
  delete(_name: string, _signal: AbortSignal): Promise<boolean> {
    return Promise.reject(new Error('not built yet'));
  }

  /** All pages. */
  list(_selection: Selection, _signal: AbortSignal): Promise<readonly T[]> {
    return Promise.reject(new Error('not built yet'));
  }

  /** A watch that begins when somebody waits. To be closed by whoever asked for it. */
  watch(_selection: Selection): Watched<T> {
    return new Watched();
  }
}
