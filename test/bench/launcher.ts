/**
 * `npm run bench launcher`: our launcher and Python Nodepool 11, scenario by scenario and run by run
 * in turn on the same machine, measured from outside by `measure-launcher.py` of the shared tools.
 *
 *   npm run bench launcher -- --scenario burst,idle --runs 5 [--floor] [--write-docs]
 *
 * Prints one JSON object: medians, ratios ours/python, and the targets with whether they were
 * reached. `--floor` runs the least that any launcher could do beside them (floor.ts), where it can:
 * what the machine leaves to be won. Interleaving keeps the machine's mood out of the ratios; absolute numbers are this
 * machine's own.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPeers, projectRoot, type Peers } from '../support/peers.ts';
import { writePerformancePage } from './performance-page.ts';
import { judge, type Comparison, type Scenarios } from './targets.ts';

const SCENARIOS = ['burst', 'closed', 'multi', 'ready', 'idle', 'startup', 'quota'];
/** Scenarios without a quota, that measure nothing but how requests are answered. */
const FLOOR_SCENARIOS = new Set(['burst', 'closed', 'multi', 'ready']);
type Contender = 'ours' | 'python' | 'floor';
type Run = Record<string, unknown>;

export async function benchLauncher(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: SCENARIOS.join(',') },
      runs: { type: 'string', default: '3' },
      'port-base': { type: 'string', default: '24100' },
      floor: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const peers = await findPeers({ isRequired: true });
  if (peers === undefined)
    throw new Error('the shared tools are not there: set NODEPOOL_TOOLS to their folder');
  const runs = Number(values.runs);
  const scenarios: Record<string, Comparison> = {};
  for (const scenario of values.scenario.split(',')) {
    const measured: Record<Contender, Run[]> = { ours: [], python: [], floor: [] };
    const contenders: Contender[] = ['ours', 'python'];
    if (values.floor && FLOOR_SCENARIOS.has(scenario)) contenders.push('floor');
    for (let number = 0; number < runs; number++) {
      // Who begins changes from run to run.
      const order = number % 2 === 0 ? contenders : contenders.toReversed();
      for (const contender of order)
        measured[contender].push(
          await measure(peers, { contender, scenario, portBase: values['port-base'] }),
        );
    }
    scenarios[scenario] = compare(measured);
  }
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    runs,
    scenarios,
    targets: judge(scenarios),
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
  if (values['write-docs']) await writePerformancePage(result);
}

function commandOf(contender: Contender, peers: Peers): string {
  if (contender === 'floor') {
    return `${process.execPath} --import ${import.meta.resolve('tsx')} ${join(projectRoot, 'test/bench/floor.ts')} -c {config}`;
  }
  const options = '-f --no-webapp -c {config} -s {secure} -p {pid}';
  return contender === 'ours'
    ? `${process.execPath} ${join(projectRoot, 'dist/launcher/main.js')} ${options}`
    : `${peers.nodepoolPython} ${join(peers.tools, 'nodepool-bench-launcher.py')} ${options}`;
}

async function measure(
  peers: Peers,
  what: { contender: Contender; scenario: string; portBase: string },
): Promise<Run> {
  process.stderr.write(`${what.scenario}: ${what.contender}\n`);
  const output = await outputOf(peers.zuulPython, [
    join(peers.tools, 'measure-launcher.py'),
    ...['--name', what.contender, '--scenario', what.scenario, '--runs', '1'],
    ...['--port-base', what.portBase, '--zuul-python', peers.zuulPython],
    ...['--launcher', commandOf(what.contender, peers)],
  ]);
  const result = JSON.parse(output) as {
    scenarios: Record<string, { runs: Run[] } | undefined>;
  };
  const run = result.scenarios[what.scenario]?.runs[0];
  if (run === undefined) throw new Error(`no result of ${what.scenario}`);
  return run;
}

/** Standard output of a program; what it says on standard error passes through. */
function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${signal ?? code ?? 'nothing'}`));
    });
  });
}

function compare(measured: Record<Contender, Run[]>): Comparison {
  const ours = medians(measured.ours);
  const python = medians(measured.python);
  const ratio: Scenarios[string]['ratio'] = {};
  for (const [key, value] of Object.entries(ours)) {
    const other = python[key];
    if (other !== undefined && other !== 0) ratio[key] = Number((value / other).toPrecision(3));
  }
  const floor = measured.floor.length > 0 ? medians(measured.floor) : undefined;
  return { ours, python, floor, ratio, runs: measured };
}

/** The median of each number, nested ones under dotted names (`latency_ms.p50`). */
function medians(runs: readonly Run[]): Record<string, number> {
  const all = runs.map((run) => flatten(run));
  const result: Record<string, number> = {};
  for (const key of Object.keys(all[0] ?? {})) {
    const values = all.map((one) => one[key]).filter((value) => value !== undefined);
    if (values.length === runs.length) result[key] = median(values);
  }
  return result;
}

function flatten(run: Run, prefix = ''): Record<string, number> {
  const flat: Record<string, number> = {};
  for (const [key, value] of Object.entries(run)) {
    if (typeof value === 'number') flat[prefix + key] = value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      Object.assign(flat, flatten(value as Run, `${prefix}${key}.`));
  }
  return flat;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const value = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  return Math.round(value * 1000) / 1000;
}
