/**
 * Tells those who watch how requests are served, while they are served: metrics, traces, the list of
 * launches. Watchers look on; what one throws is logged and changes nothing.
 */
import type { Logger } from '../../shared/base/log.ts';
import type { Served, ServeResult } from './job.ts';
import type { NodeProgress, PhaseStep } from './progress.ts';

/** All are called at once, on the way of a request: they must be quick. */
export interface JournalWatcher {
  /** A pool has accepted a request and begins to serve it. */
  begun?(served: Served): void;
  /** A node of it has left the phase `left` and is in `node.phase` since `node.since`. */
  stepped?(served: Served, node: NodeProgress, left: PhaseStep): void;
  /** Nobody serves it any more, at least not in this pool. */
  ended?(served: Served, result: ServeResult): void;
}

export class Journal {
  readonly #log: Logger;
  readonly #watchers = new Set<JournalWatcher>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The answer ends it. */
  watch(watcher: JournalWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  begun(served: Served): void {
    this.#tell((watcher) => watcher.begun?.(served));
  }

  stepped(served: Served, node: NodeProgress, left: PhaseStep): void {
    this.#tell((watcher) => watcher.stepped?.(served, node, left));
  }

  ended(served: Served, result: ServeResult): void {
    this.#tell((watcher) => watcher.ended?.(served, result));
  }

  #tell(say: (watcher: JournalWatcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        say(watcher);
      } catch (error) {
        this.#log.error('a watcher of the journal failed', { error });
      }
    }
  }
}
