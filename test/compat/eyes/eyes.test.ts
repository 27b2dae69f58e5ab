/**
 * One deployment, made with Python's launcher and with ours: the same components, nodes, requests and
 * locks, field by field, as they stand in ZooKeeper and as Python's and Zuul's own classes and
 * commands see them. Forms, not ids and times: znodes.ts says what is not compared.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { LauncherSite, type LauncherKind } from '../../support/launcher-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { POOLS, SLOW_PROVIDER, STUCK_PROVIDER, sections, setStage, type Stage } from './stage.ts';
import { neutralize, readZnodes, type Znodes } from './znodes.ts';

/** What was seen of one kind of launcher. */
interface Sight {
  readonly stage: Stage;
  readonly znodes: Znodes;
  /** Of Python Nodepool's and of Zuul's classes. */
  readonly nodepool: unknown;
  readonly zuul: unknown;
  /** Lines of tables, by command. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

const COMMANDS = [['list', '--detail'], ['list'], ['request-list'], ['info', 'cloud']];

describe('what our launcher writes, beside what Python’s writes', function () {
  this.timeout(180_000);
  let zookeeper: RunningZooKeeper;
  let host: RunningSshServer;
  let python: Sight;
  let ours: Sight;

  before(async function () {
    const peers = await peersOrSkip(this, { needsLauncher: true });
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
    host = await startSshServer({ address: '0.0.0.0' });
    python = await look('python', peers);
    ours = await look('ours', peers);
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (host as RunningSshServer | undefined)?.stop();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  async function look(kind: LauncherKind, peers: Peers): Promise<Sight> {
    const site = await LauncherSite.make({
      ...{ peers, zookeeper, sections: sections(host), sessionSeconds: 10 },
      ...{ slowProvider: SLOW_PROVIDER, stuckProvider: STUCK_PROVIDER },
    });
    let sight: Sight | undefined;
    await site.play(async () => {
      await site.start(kind);
      await site.untilOnline(POOLS);
      const stage = await setStage(site);
      const znodes = await readZnodes(site, stage);
      const see = async (interpreter: string, name: string, of: string): Promise<unknown> =>
        neutralize(await ask(site, interpreter, [name, of]), stage);
      const tables: Record<string, string[]> = {};
      for (const command of COMMANDS) tables[command.join(' ')] = await table(peers, site, command);
      sight = {
        ...{ stage, znodes, tables },
        nodepool: await see(peers.nodepoolPython, 'nodepool-eyes.py', site.configPath),
        zuul: await see(peers.zuulPython, 'zuul-eyes.py', site.plainHosts),
      };
    });
    assert.ok(sight);
    return sight;
  }

  it('is the same in the registry', () => {
    assert.deepEqual(ours.znodes.launchers, python.znodes.launchers);
    assert.deepEqual(ours.znodes.pools, python.znodes.pools);
  });

  it('is the same in the records of nodes, in each state', () => {
    assert.deepEqual(ours.znodes.nodes, python.znodes.nodes);
  });

  it('is the same in the records of requests, in each state', () => {
    assert.deepEqual(ours.znodes.requests, python.znodes.requests);
    assert.deepEqual(ours.znodes.ephemeralRequests, python.znodes.ephemeralRequests);
  });

  it('is the same in the children of locks', () => {
    assert.deepEqual(ours.znodes.locks, python.znodes.locks);
  });

  it('is the same in the eyes of Python Nodepool’s classes', () => {
    assert.deepEqual(ours.nodepool, python.nodepool);
  });

  it('is the same in the eyes of Zuul’s classes', () => {
    assert.deepEqual(ours.zuul, python.zuul);
  });

  for (const command of COMMANDS.map((words) => words.join(' ')))
    it(`is the same in the table of nodepool ${command}`, () => {
      assert.deepEqual(rows(ours, command), rows(python, command));
    });
});

/** The last line that a script of this folder prints. */
async function ask(
  site: LauncherSite,
  interpreter: string,
  [name = '', argument = '']: readonly string[],
): Promise<unknown> {
  const env = { ...process.env, ...(await site.pythonEnvironment()) };
  const output = await run(interpreter, [join(import.meta.dirname, name), argument], { env });
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
}

async function table(peers: Peers, site: LauncherSite, command: string[]): Promise<string[]> {
  const program = join(peers.nodepoolPython, '../nodepool');
  const env = { ...process.env, ...(await site.pythonEnvironment()) };
  const output = await run(program, ['-c', site.configPath, ...command], { env });
  return output.split('\n').filter((line) => line.startsWith('|'));
}

/** Cells of each row, made comparable and sorted. */
function rows({ tables, stage }: Sight, command: string): unknown[] {
  const lines = tables[command] ?? [];
  assert.ok(lines.length > 1, command);
  return lines
    .map((line) => line.split('|').map((cell) => neutralCell(cell.trim(), stage)))
    .map(String)
    .toSorted();
}

/** A cell may hold several ids, those of pools in any order; an age is a time. */
function neutralCell(cell: string, stage: Stage): unknown {
  if (/^\d\d:\d\d:\d\d:\d\d$/.test(cell)) return 'an age';
  const items = neutralize(cell.split(','), stage) as string[];
  return items.every((item) => item.includes('-PoolWorker.')) ? items.toSorted() : items;
}
