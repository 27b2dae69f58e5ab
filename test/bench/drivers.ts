/**
 * `npm run bench drivers`: what a launcher takes to start, and to be there, with each of the drivers.
 *
 *   npm run bench drivers -- [--drivers static,fake,...] [--rounds 5] [--write-docs]
 *
 * A launcher as it is shipped has one provider, which connects to a cloud in memory that lives in this
 * process. Each round starts one launcher after the other; whose turn it is first changes. Prints one JSON
 * object: figures, and their ratios to `static`, which has no cloud.
 */
import { mkdtemp } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { startZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { driverGrounds, type DriverGround } from '../support/driver-grounds.ts';
import { writeDriversSection } from './drivers/page.ts';
import type { DriverFigures, DriverResult, DriversResult } from './drivers/result.ts';
import { measureStart } from './drivers/start.ts';

const OPTIONS = {
  drivers: { type: 'string', default: Object.keys(driverGrounds).join() },
  rounds: { type: 'string', default: '5' },
  'write-docs': { type: 'boolean', default: false },
} as const;

/** What all are compared with. */
const BASE = 'static';
const FIGURES = ['start_seconds', 'start_cpu_ms', 'rss_mib'] as const;

type Round = ReadonlyMap<string, DriverFigures>;

export async function benchDrivers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const names = [...new Set([BASE, ...values.drivers.split(',')])];
  const load1 = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const rounds = await measure(names, Number(values.rounds));
  const result: DriversResult = {
    ...{ date: new Date().toISOString(), node: process.version, cores: cpus().length },
    ...{ load1, rounds: rounds.length },
    drivers: Object.fromEntries(names.map((name) => [name, summary(rounds, name)])),
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
  if (values['write-docs']) await writeDriversSection(result);
}

async function measure(names: readonly string[], count: number): Promise<Round[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-drivers-'));
  removeWithUs(folder);
  const zookeeper = await startZooKeeper({ mode: 'plain', tickMs: 2000 });
  const [host = '', port = ''] = zookeeper.plainHosts.split(':');
  const grounds = new Map<string, DriverGround>();
  try {
    for (const name of names) grounds.set(name, await open(name));
    const rounds: Round[] = [];
    // Once before it counts, so that all files have been read.
    for (let number = 0; number <= count; number++) {
      const round = new Map<string, DriverFigures>();
      const turns = [...grounds].map((_, turn, all) => all[(turn + number) % all.length]);
      for (const [driver, ground] of turns.filter((turn) => turn !== undefined)) {
        const workDir = join(folder, `${driver}-${number}`);
        const where = { host, port: Number(port) };
        round.set(driver, await measureStart({ driver, ground, zookeeper: where, workDir }));
      }
      process.stderr.write(`round ${number} of ${count}\n`);
      if (number > 0) rounds.push(round);
    }
    return rounds;
  } finally {
    for (const ground of grounds.values()) await ground.close();
    await zookeeper.stop();
    await removeNow(folder);
  }
}

async function open(name: string): Promise<DriverGround> {
  const ground = await driverGrounds[name]?.();
  if (ground === undefined) throw new Error(`there is no driver ${name}`);
  return ground;
}

function summary(rounds: readonly Round[], name: string): DriverResult {
  const of = (value: (round: Round, figure: keyof DriverFigures) => number): DriverFigures => {
    const [start_seconds = 0, start_cpu_ms = 0, rss_mib = 0] = FIGURES.map((figure) =>
      median(rounds.map((round) => value(round, figure))),
    );
    return { start_seconds, start_cpu_ms, rss_mib };
  };
  const figureOf = (round: Round, driver: string, figure: keyof DriverFigures): number =>
    round.get(driver)?.[figure] ?? 0;
  return {
    figures: of((round, figure) => figureOf(round, name, figure)),
    ratio: of((round, figure) => figureOf(round, name, figure) / figureOf(round, BASE, figure)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Number(middle.toPrecision(3));
}
