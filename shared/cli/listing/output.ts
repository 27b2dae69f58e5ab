/** Where what is watched goes. */
import type { View } from './view.ts';

/** What was found, as it is at a moment. Seconds since 1970. */
export type ViewAt = (nowSeconds: number) => View;

export interface Seen {
  readonly viewAt: ViewAt;
  /** False: there is no connection to ZooKeeper, and this was last known. */
  readonly isCurrent: boolean;
  /** What could not be read or asked, a line each. */
  readonly notes: readonly string[];
}

export interface Output {
  show(seen: Seen): void;
  /** Whether it is also shown anew when only time has gone by. */
  readonly showsTime: boolean;
  /** Aborts when the user wants to end. */
  readonly signal: AbortSignal;
  /** Resolves when everything is as it was before; rejects with what failed in showing it. */
  close(): Promise<void>;
}
