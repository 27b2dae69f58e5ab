/** All faults, and how often each of them comes. */
import { badWeather } from './clouds.ts';
import { allKilled, leaderKilled, memberFrozen, memberKilled } from './ensemble.ts';
import { drained } from './drains.ts';
import type { Draw, Fault } from './fault.ts';
import { hostAway } from './hosts.ts';
import * as launchers from './launchers.ts';

type Kind = (draw: Draw) => Fault;

const KINDS: readonly (readonly [weight: number, kind: Kind])[] = [
  [10, launchers.killed],
  [3, launchers.stopped],
  [6, launchers.frozen],
  [6, launchers.isolated],
  [6, launchers.cutOff],
  [4, launchers.slowWay],
  [5, launchers.clockJump],
  [4, launchers.brokenConfig],
  [4, launchers.changedConfig],
  [4, drained],
  [4, memberKilled],
  [4, leaderKilled],
  [3, memberFrozen],
  [2, allKilled],
  [10, hostAway],
  [30, badWeather],
];

const TOTAL = KINDS.reduce((sum, [weight]) => sum + weight, 0);

export function drawFault(draw: Draw): Fault {
  let roll = draw.random() * TOTAL;
  const [, kind] = KINDS.find(([weight]) => (roll -= weight) < 0) ?? [0, badWeather];
  return kind(draw);
}
