/**
 * What is known of a collection: the last listing, what a watch told since, and what we wrote ourselves
 * and the watch has not told yet.
 *
 * Which is newer is seen by `resourceVersion`, which grows over all objects of a cluster (Kubernetes
 * 1.35 promises it; etcd always did). Where versions are no numbers, our own writes are left out.
 */
import type { KubeObject } from './objects.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export class KnownObjects<T extends KubeObject> {
  readonly #keyOf: (object: T) => string;
  readonly #objects = new Map<string, T>();
  /** Ours, as far as the watch has not told of them. */
  readonly #written = new Map<string, T>();
  #version: string | undefined;

  constructor(keyOf: (object: T) => string) {
    this.#keyOf = keyOf;
  }

  /** Changes as more is known. */
  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /** Where a watch goes on. Undefined: a listing is needed. */
  get version(): string | undefined {
    return this.#version;
  }

  /** The cluster has forgotten the version. */
  forgetVersion(): void {
    this.#version = undefined;
  }

  clear(): void {
    this.#objects.clear();
    this.#written.clear();
    this.#version = undefined;
  }

  replace(items: readonly T[], version: string | undefined): void {
    this.#objects.clear();
    for (const item of items) this.#objects.set(this.#keyOf(item), item);
    this.#version = version;
    for (const [key, object] of this.#written)
      if (isNewer(versionOf(object), version)) this.#objects.set(key, object);
      else this.#written.delete(key);
  }

  apply({ type, object }: WatchEvent<T>): void {
    const version = versionOf(object);
    // OpenShift tells of an end with an older version.
    if (version !== undefined && !isNewer(this.#version, version)) this.#version = version;
    if (type === 'BOOKMARK') return;
    const key = this.#keyOf(object);
    const written = this.#written.get(key);
    // Of a time before our own writing. The end of the very same object always counts: OpenShift tells
    // of it with the version that the object had.
    const isOld = written !== undefined && isNewer(versionOf(written), version);
    if (isOld && !(type === 'DELETED' && isSame(written, object))) return;
    this.#written.delete(key);
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
  }

  /** The answer to a writing of ours. False: the watch has told of it already, or is to be asked. */
  write(object: T): boolean {
    const version = versionOf(object);
    if (version === undefined || (this.#version !== undefined && !isNewer(version, this.#version)))
      return false;
    const key = this.#keyOf(object);
    if (this.#written.has(key) && !isNewer(version, versionOf(this.#written.get(key))))
      return false;
    this.#written.set(key, object);
    this.#objects.set(key, object);
    return true;
  }
}

function versionOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata?.resourceVersion;
}

function isSame(one: KubeObject, other: KubeObject): boolean {
  return one.metadata?.uid === other.metadata?.uid;
}

/** False also where that cannot be told. */
function isNewer(one: string | undefined, other: string | undefined): boolean {
  const number = /^\d+$/;
  if (one === undefined || other === undefined || !number.test(one) || !number.test(other))
    return false;
  return BigInt(one) > BigInt(other);
}
