/** A cloud in memory as an arena. */
import type { Arena } from '../contest/arena.ts';

export interface ClosableArena extends Arena {
  close(): Promise<void>;
}

/** Calls a second that a provider may make, and most machines at once. */
export const RATE = 10;
export const MOST_MACHINES = 100;

/** Counts calls from the list of them that a cloud keeps. */
export function countingCalls(cloud: {
  readonly calls: string[];
}): Pick<Arena, 'counts' | 'forget'> {
  return {
    counts: () => {
      const counts: Record<string, number> = {};
      for (const call of cloud.calls) counts[call] = (counts[call] ?? 0) + 1;
      return counts;
    },
    forget: () => {
      cloud.calls.length = 0;
    },
  };
}
