/**
 * Locks of kazoo's and of ours on the same path, each in its own process, some killed while they
 * hold it or wait for it. Skipped where there is no Python with kazoo.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '../../../fixtures/processes/reaper.ts';
import { eventually } from '../../support/eventually.ts';
import { findPeers, projectRoot } from '../../support/peers.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';

type Side = 'kazoo' | 'ours';
type Kind = 'lock' | 'try' | 'read' | 'write';

interface Locker {
  readonly side: Side;
  readonly kind: Kind;
  readonly child: ChildProcess;
  readonly violations: string[];
  /** How often it held the lock. */
  entered: number;
  hasStarted: boolean;
  errors: string;
  readonly ended: Promise<number | null>;
}

const here = join(projectRoot, 'test/compat/locks');

describe('locks of kazoo and ours', () => {
  let python: string;
  let chroot: string;
  let observer: ZooKeeperClient;
  let lockers: Locker[];

  before(async function () {
    const found = process.env.NODEPOOL_PYTHON ?? (await findPeers())?.nodepoolPython;
    if (found === undefined) this.skip();
    python = found;
  });

  beforeEach(async () => {
    lockers = [];
    chroot = uniqueChroot('lockers');
    observer = await connect(chroot);
    await observer.ensurePath('/readers');
  });

  afterEach(async () => {
    for (const { child } of lockers) child.kill('SIGKILL');
    await Promise.all(lockers.map(({ ended }) => ended));
    await observer.close();
  });

  /** A process that holds the lock so often, and then ends. */
  async function start(side: Side, kind: Kind, rounds: number): Promise<Locker> {
    const { plainHosts } = await zookeeper();
    const args = [`${plainHosts}${chroot}`, kind, String(rounds)];
    const child =
      side === 'kazoo'
        ? spawn(python, [join(here, 'kazoo-locker.py'), ...args])
        : spawn(process.execPath, ['--import=tsx', join(here, 'our-locker.ts'), ...args], {
            cwd: projectRoot,
          });
    endWithUs(child);
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', (code) => {
        resolve(code);
      });
    });
    const locker: Locker = {
      ...{ side, kind, child, ended, violations: [], entered: 0, hasStarted: false, errors: '' },
    };
    child.stderr.on('data', (chunk: Buffer) => (locker.errors += chunk.toString()));
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as { violation?: string; entered?: number };
      if (said.violation !== undefined) locker.violations.push(said.violation);
      locker.entered = said.entered ?? locker.entered;
      locker.hasStarted = true;
    });
    lockers.push(locker);
    return locker;
  }

  async function startAll(sides: readonly (readonly [Side, Kind])[], rounds: number) {
    const all = await Promise.all(sides.map(([side, kind]) => start(side, kind, rounds)));
    await eventually(() => all.every(({ hasStarted }) => hasStarted));
    return all;
  }

  async function untilDone(all: readonly Locker[], rounds: number): Promise<void> {
    for (const { side, kind, ended, ...locker } of all) {
      assert.equal(await ended, 0, `${side} ${kind}: ${locker.errors}`);
    }
    for (const { side, kind, entered } of all) assert.equal(entered, rounds, `${side} ${kind}`);
    for (const { violations } of lockers) assert.deepEqual(violations, []);
    await eventually(async () => (await observer.children('/lock')).children.length === 0);
  }

  it('exclude each other, waiting or trying', async () => {
    const rounds = 25;
    const all = await startAll(
      [
        ['kazoo', 'lock'],
        ['kazoo', 'try'],
        ['ours', 'lock'],
        ['ours', 'try'],
      ],
      rounds,
    );
    await untilDone(all, rounds);
  });

  it('exclude each other as readers and writers', async () => {
    const rounds = 25;
    const all = await startAll(
      [
        ['kazoo', 'read'],
        ['kazoo', 'write'],
        ['ours', 'read'],
        ['ours', 'write'],
      ],
      rounds,
    );
    await untilDone(all, rounds);
  });

  it('pass on when a process is killed that holds or waits', async () => {
    const rounds = 40;
    const survivors = await startAll(
      [
        ['kazoo', 'lock'],
        ['ours', 'lock'],
      ],
      rounds,
    );
    const victims = await startAll(
      [
        ['kazoo', 'lock'],
        ['ours', 'lock'],
        ['ours', 'try'],
      ],
      1_000_000,
    );
    for (const victim of victims) {
      await eventually(() => victim.entered > 1);
      victim.child.kill('SIGKILL');
    }
    await untilDone(survivors, rounds);
  });
});
