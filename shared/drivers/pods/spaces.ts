/**
 * What a node is made in: a namespace of Kubernetes, or a project of OpenShift, which is the same with
 * another way in. Both have the tags of their node.
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Extras } from '../../cloud/extras.ts';
import type { Collection, Selection } from './client/collection.ts';
import { isForbidden } from './client/errors.ts';
import type { KubeObject } from './client/objects.ts';
import { isDeleting, isMarked, isOwnedBy, isSame, nameOf, type Owner } from './ids.ts';
import { Sight, type Place, type Watching } from './sight.ts';
import { NET_SECONDS } from './sights.ts';

/** A namespace or a project. */
export interface Space extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

export interface SpaceRequest {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: Owner;
}

/** The calls of one kind of spaces. */
export interface SpaceCalls {
  /** For messages. */
  readonly what: 'namespace' | 'project';
  create(request: SpaceRequest, signal: AbortSignal): Promise<unknown>;
  readonly all: Pick<Collection<Space>, 'get' | 'delete' | 'list'>;
  /** What all of this provider's are among. */
  readonly ours: Selection;
  /** Of those. */
  readonly watched: Watching<Space>;
  /** Whether the watch would show it: it may be of our own ones only. */
  isWatched(space: Space): boolean;
  /** Whether one without tags may be ours: a project may have lost its labels. */
  readonly mayBeUnmarked: boolean;
}

export interface SpacesOptions {
  readonly calls: SpaceCalls;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pollSeconds: number;
}

export class Spaces {
  readonly what: string;
  readonly #options: SpacesOptions;
  readonly #watch: Sight<Space>;
  /** Of what others made. */
  readonly #gets: Sight<Space>;
  /** Names under which our launches have found what others made. */
  readonly #foreign = new Set<string>();
  readonly #extras: Extras;

  constructor(options: SpacesOptions) {
    const { calls, clock, log, pollSeconds } = options;
    this.#options = options;
    this.what = calls.what;
    this.#extras = new Extras(log);
    const common = {
      ...{ kind: `${calls.what}s`, clock, log, pollSeconds, netSeconds: NET_SECONDS },
      get: ({ name }: Place, signal: AbortSignal) => this.find(name, signal),
    };
    this.#watch = new Sight<Space>({
      ...common,
      wide: ({ name }) => ({ watched: calls.watched, key: name }),
    });
    this.#gets = new Sight<Space>({ ...common, wide: () => undefined });
  }

  create(request: SpaceRequest, signal: AbortSignal): Promise<unknown> {
    return this.#options.calls.create(request, signal);
  }

  /** All that we may see, those on their way out left out. Where we may not list: none. */
  list(signal: AbortSignal): Promise<readonly Space[]> {
    return this.#list({}, signal);
  }

  /** The same, but for some, or all, of those that are not of this provider. */
  listOurs(signal: AbortSignal): Promise<readonly Space[]> {
    return this.#list(this.#options.calls.ours, signal);
  }

  async #list(selection: Selection, signal: AbortSignal): Promise<readonly Space[]> {
    const { all } = this.#options.calls;
    const spaces = await this.#extras.ask(`list of ${this.what}s`, () =>
      all.list(selection, signal),
    );
    return (spaces ?? []).filter((space) => !isGoing(space));
  }

  /** Undefined: there is none. One that OpenShift does not let us see is none of ours, or none. */
  async find(name: string, signal: AbortSignal): Promise<Space | undefined> {
    const { all } = this.#options.calls;
    try {
      return await all.get(name, signal);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const list = await all.list({}, signal);
      return list.find((space) => nameOf(space) === name);
    }
  }

  /** Resolves when it is gone, or another of its name is there. */
  async untilGone(space: Space, signal: AbortSignal): Promise<void> {
    const name = nameOf(space);
    const sight = this.#options.calls.isWatched(space) ? this.#watch : this.#gets;
    let last: Space | undefined;
    try {
      await sight.until(
        { name },
        (known) => {
          last = known;
          return !isSame(known, space) || undefined;
        },
        signal,
      );
    } finally {
      const reasons = remainsOf(last);
      if (signal.aborted && reasons.length > 0)
        this.#options.log.warn('a namespace does not go', { namespace: name, reasons });
    }
  }

  /** Asks for its end. */
  async delete(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.calls.all.delete(name, signal);
    } catch (error) {
      // OpenShift says so of one that is gone.
      if (!isForbidden(error) || (await this.find(name, signal)) !== undefined) throw error;
    }
  }

  isOurs(space: Space, owner: Owner): boolean {
    if (isOwnedBy(space, owner)) return true;
    return (
      this.#options.calls.mayBeUnmarked && !isMarked(space) && !this.#foreign.has(nameOf(space))
    );
  }

  /** Remembers that what has the name is somebody else's. */
  noteForeign(name: string): void {
    this.#foreign.add(name);
  }
}

/** Whether it is on its way out. */
export function isGoing(space: Space): boolean {
  return isDeleting(space) || space.status?.phase === 'Terminating';
}

/** What Kubernetes says of why a namespace is still there. */
function remainsOf(space: Space | undefined): readonly string[] {
  return (space?.status?.conditions ?? []).flatMap(({ status, message = '' }) =>
    status === 'True' && message !== '' ? [message] : [],
  );
}
