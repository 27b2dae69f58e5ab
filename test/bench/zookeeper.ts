/**
 * `npm run bench zookeeper`: our client, kazoo and the npm binding `zookeeper` (the official C
 * library) on the same private server, each in a process of its own, in turn.
 *
 *   npm run bench zookeeper -- --operations 20000 --runs 3
 *
 * Prints one JSON object: medians over the runs, ratios and whether the targets were reached. The
 * binding is no dependency, because it is compiled at its installation (minutes, with a C++
 * compiler and CMake): `npm install zookeeper@7.3.0` in any folder, and that folder in
 * NODEPOOL_BENCH_NATIVE, brings it in. It knows no persistent watches, so it has no figure there.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../../fixtures/processes/run.ts';
import { startZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { findPeers, projectRoot } from '../support/peers.ts';

/** What each contender's process prints; the bench of kazoo has the same names. */
export interface Figures {
  readonly create_per_second: number;
  readonly set_per_second: number;
  readonly get_per_second: number;
  readonly round_trip_p50_ms: number;
  readonly round_trip_p99_ms: number;
  /** Changes made and their events heard, by one client. */
  readonly events_per_second: number | null;
  readonly cpu_seconds_per_100k: number;
}

const FIGURES = [
  'create_per_second',
  'set_per_second',
  'get_per_second',
  'round_trip_p50_ms',
  'round_trip_p99_ms',
  'events_per_second',
  'cpu_seconds_per_100k',
] as const satisfies readonly (keyof Figures)[];

type Medians = Record<string, number | null>;

interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const FOLDER = join(projectRoot, 'test/bench/zookeeper');

export async function benchZooKeeper(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      operations: { type: 'string', default: '20000' },
      runs: { type: 'string', default: '3' },
    },
  });
  const { contenders, missing } = await findContenders();
  const server = await startZooKeeper({ mode: 'plain', heapMib: 1_024 });
  const measured = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  try {
    // Unmeasured: the server's own compiler has to get warm.
    for (const contender of contenders) await measure(contender, server.plainHosts, '5000');
    for (let number = 0; number < Number(values.runs); number++) {
      const order = number % 2 === 0 ? contenders : [...contenders].reverse();
      for (const contender of order) {
        const figures = await measure(contender, server.plainHosts, values.operations);
        measured.get(contender.name)?.push(figures);
      }
    }
  } finally {
    await server.stop();
  }
  const clients = Object.fromEntries([...measured].map(([name, runs]) => [name, medians(runs)]));
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    zookeeper: server.version,
    cores: cpus().length,
    operations: Number(values.operations),
    runs: Number(values.runs),
    clients,
    missing,
    ...compare(clients),
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
}

async function findContenders(): Promise<{ contenders: Contender[]; missing: string[] }> {
  const node = (script: string): Pick<Contender, 'command' | 'args'> => ({
    command: process.execPath,
    args: ['--import', 'tsx', join(FOLDER, script)],
  });
  const contenders: Contender[] = [{ name: 'ours', ...node('ours.ts') }];
  const missing: string[] = [];
  const python = process.env.NODEPOOL_PYTHON ?? (await findPeers())?.nodepoolPython;
  if (python === undefined)
    missing.push('kazoo: set NODEPOOL_PYTHON to an interpreter that has it');
  else contenders.push({ name: 'kazoo', command: python, args: [join(FOLDER, 'kazoo-bench.py')] });
  const native = process.env.NODEPOOL_BENCH_NATIVE ?? projectRoot;
  if (!existsSync(join(native, 'node_modules/zookeeper'))) {
    missing.push(
      'native: `npm install zookeeper@7.3.0` in a folder, and set NODEPOOL_BENCH_NATIVE to it',
    );
  } else {
    const { command, args } = node('native.ts');
    contenders.push({ name: 'native', command, args: [...args, native] });
  }
  return { contenders, missing };
}

async function measure(contender: Contender, hosts: string, operations: string): Promise<Figures> {
  const output = await run(contender.command, [...contender.args, hosts, operations]);
  // The binding's C library may print lines of its own.
  const line = output.trim().split('\n').at(-1) ?? '';
  return JSON.parse(line) as Figures;
}

function medians(runs: readonly Figures[]): Medians {
  return Object.fromEntries(
    FIGURES.map((figure) => {
      const values = runs.map((one) => one[figure]).filter((value) => value !== null);
      const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
      return [figure, middle ?? null];
    }),
  );
}

/** Of several ratios the one that speaks least for us. */
function worst(ours: Medians, theirs: Medians): number {
  const ratios = (['create_per_second', 'set_per_second', 'get_per_second'] as const).map(
    (figure) => (ours[figure] ?? 0) / (theirs[figure] ?? Infinity),
  );
  return Math.min(...ratios);
}

function compare(clients: Record<string, Medians>): {
  ratios: Record<string, Medians>;
  targets: { target: string; value: number; isReached: boolean }[];
} {
  const { ours, kazoo, native } = clients;
  const ratios: Record<string, Medians> = {};
  const targets: { target: string; value: number; isReached: boolean }[] = [];
  for (const [name, theirs] of Object.entries({ kazoo, native })) {
    if (!ours || !theirs) continue;
    const pairs = FIGURES.map((figure) => {
      const [own, other] = [ours[figure], theirs[figure]];
      return [figure, own == null || other == null ? null : own / other] as const;
    });
    ratios[`ours/${name}`] = Object.fromEntries(pairs);
  }
  if (ours && kazoo) {
    const speed = worst(ours, kazoo);
    const target = 'pipelined, worst of create, set and get: at least 3 times kazoo';
    targets.push({ target, value: speed, isReached: speed >= 3 });
    const cpu = (ours.cpu_seconds_per_100k ?? Infinity) / (kazoo.cpu_seconds_per_100k ?? 1);
    targets.push({ target: 'CPU: at most a third of kazoo', value: cpu, isReached: cpu <= 1 / 3 });
  }
  if (ours && native) {
    const speed = worst(ours, native);
    const target = 'pipelined, worst of create, set and get: no slower than the C library';
    targets.push({ target, value: speed, isReached: speed >= 1 });
  }
  return { ratios, targets };
}
