/**
 * What a fault is: drawn beforehand from the seed, struck when its turn comes, undone by itself.
 */
import type { RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import type { FakeCloudServer } from '../../../fixtures/fake-cloud/server.ts';
import type { FleetLauncher } from '../fleet-launcher.ts';
import type { Host } from '../hosts.ts';

/** What faults lay hands on. */
export interface Victims {
  readonly zookeeper: RunningZooKeeper;
  readonly clouds: FakeCloudServer;
  /** By the name of its provider. */
  launcher(provider: string): FleetLauncher;
  /** The static hosts beside a provider. */
  hosts(provider: string): readonly Host[];
}

export interface Fault {
  /** What it hits; nothing is hit by two faults at a time. */
  readonly target: string;
  /** For the log. */
  readonly words: string;
  /** Resolves when it is undone. `wait` ends early when the run does. */
  strike(victims: Victims, wait: (ms: number) => Promise<void>): Promise<void>;
}

export interface Draw {
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly providers: readonly string[];
}

export function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

/** A whole number of milliseconds from the range. */
export function between(random: () => number, low: number, high: number): number {
  return Math.round(low + random() * (high - low));
}
