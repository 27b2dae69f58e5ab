/**
 * A fault run: rounds of a storm, in which faults strike under load, and a quiet time, in which everything
 * must come to rest: all builds answered, nothing left of them, every machine known.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import { Schedule } from './schedule.ts';
import { Stage } from './stage.ts';

export interface FaultRunOptions {
  readonly seed: number;
  /** How long faults strike in all, in rounds of at most `ROUND_MS`. */
  readonly stormMs: number;
  readonly workDir?: string | undefined;
  readonly portBase?: number | undefined;
  readonly log: (line: string) => void;
}

const PROVIDERS = ['cloud-a', 'cloud-b', 'cloud-c'] as const;
const PARALLEL = 14;
const ROUND_MS = 45_000;
/**
 * From the end of the faults until all is quiet: leaks are deleted in the second round that sees them,
 * a deletion that failed often pauses for up to a minute, and what nobody has done is done by a round.
 */
const QUIET_MS = 120_000;
const LOOK_MS = 200;

/** Answers the violations. */
export async function faultRun(options: FaultRunOptions): Promise<string[]> {
  const began = performance.now();
  const log = (line: string): void => {
    options.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  };
  const stage = await Stage.start({ ...options, providers: PROVIDERS, parallel: PARALLEL });
  const schedule = new Schedule({ seed: options.seed, victims: stage, providers: PROVIDERS, log });
  try {
    log(`the stage is set in ${stage.workDir}`);
    const problems = await rounds(options, { stage, schedule, log });
    log(`${schedule.count} faults, ${stage.reader.looks} looks, ${say(stage.users.books.tally)}`);
    return problems;
  } finally {
    await stage.stop();
  }
}

interface Play {
  readonly stage: Stage;
  readonly schedule: Schedule;
  readonly log: (line: string) => void;
}

/** Until the time is over, or the first round that ends badly. */
async function rounds(options: FaultRunOptions, play: Play): Promise<string[]> {
  const { stage, schedule, log } = play;
  const count = Math.max(1, Math.ceil(options.stormMs / ROUND_MS));
  for (let round = 1; round <= count; round++) {
    log(`round ${round} of ${count}`);
    stage.users.open();
    await schedule.storm(options.stormMs / count);
    stage.users.close();
    await stage.heal();
    const since = performance.now();
    const left = await comeToRest(stage);
    const problems = [...new Set([...stage.violations, ...left])];
    if (problems.length > 0) return problems;
    log(`at rest after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  }
  return await endInOrder(stage);
}

/** What is not as it should be when the time for it is over. */
async function comeToRest(stage: Stage): Promise<string[]> {
  const end = performance.now() + QUIET_MS;
  const { users, reader } = stage;
  while (users.runningCount > 0 && performance.now() < end)
    await sleep(systemClock, LOOK_MS, new AbortController().signal);
  const lost = users.books.open.map((id) => `request ${id} was never answered`);
  return [...lost, ...(await reader.untilQuiet(PROVIDERS, Math.max(0, end - performance.now())))];
}

/** A stop in order gives everything back: no pool is online, nobody holds a lock. */
async function endInOrder(stage: Stage): Promise<string[]> {
  const codes = await Promise.all([...stage.launchers.values()].map((launcher) => launcher.stop()));
  const wrong = codes
    .filter((code) => code !== 0)
    .map((code) => `a launcher ended with ${code ?? 'nothing'}`);
  const left = await stage.reader.untilQuiet([], 0);
  return [...wrong, ...left];
}

function say(tally: object): string {
  return Object.entries(tally)
    .map(([name, value]) => `${name} ${Math.round(Number(value))}`)
    .join(', ');
}
