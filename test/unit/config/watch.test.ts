import assert from 'node:assert/strict';
import { mkdtemp, rm, rename, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../fixtures/clock.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { LogFields, Logger } from '../../../shared/base/log.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { ConfigWatcher } from '../../../shared/config/watch.ts';
import type { ConfigChange } from '../../../shared/config/watch.ts';

function recordingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, fields?: LogFields): void => {
      const problem = fields?.problem;
      lines.push(`${level} ${message}${typeof problem === 'string' ? `: ${problem}` : ''}`);
    };
  const log: Logger = {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: () => log,
    named: () => log,
  };
  return { log, lines };
}

/** A watcher over two files, whose directory events and clock the test makes. */
async function watched(initial = 'labels: [{name: a}]\n') {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-watch-'));
  const path = join(folder, 'nodepool.yaml');
  const securePath = join(folder, 'secure.yaml');
  await writeFile(path, initial);
  await writeFile(securePath, '');
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const events: (() => void)[] = [];
  const options = {
    path,
    securePath,
    environment: {},
    clock,
    log,
    watchDirectory: (_: string, onEvent: () => void) => {
      events.push(onEvent);
      return () => {
        events.length = 0;
      };
    },
  };
  const watcher = new ConfigWatcher(options, await loadConfig(options));
  const changes: ConfigChange[] = [];
  watcher.onChange((change) => changes.push(change));
  watcher.start();
  /** Turns the clock until what it started is done: file operations take real time. */
  const turn = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await watcher.idle();
  };
  return {
    path,
    securePath,
    clock,
    watcher,
    changes,
    lines,
    events,
    turn,
    event: async (): Promise<void> => {
      for (const tell of events) tell();
      await turn(200);
    },
    labels: () => [...watcher.config.labels.keys()],
    end: async (): Promise<void> => {
      await watcher.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe('ConfigWatcher', () => {
  let watch: Awaited<ReturnType<typeof watched>>;
  beforeEach(async () => {
    watch = await watched();
  });
  afterEach(() => watch.end());

  it('reads a file that an event tells of', async () => {
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    await watch.event();
    assert.deepEqual(watch.labels(), ['b']);
    assert.equal(watch.changes.length, 1);
    assert.deepEqual([...(watch.changes[0]?.previous.labels.keys() ?? [])], ['a']);
  });

  it('reads a changed file that no event tells of, after the interval', async () => {
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    await watch.turn(4999);
    assert.deepEqual(watch.labels(), ['a']);
    await watch.turn(1);
    assert.deepEqual(watch.labels(), ['b']);
  });

  it('goes on looking after each interval', async () => {
    await watch.turn(5000);
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    await watch.turn(5000);
    assert.deepEqual(watch.labels(), ['b']);
  });

  it('reads once for a burst of events', async () => {
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    for (let count = 0; count < 50; count++) watch.events[0]?.();
    await watch.turn(200);
    assert.equal(watch.changes.length, 1);
  });

  it('is not put off by events that never end', async () => {
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    for (let count = 0; count < 4; count++) {
      watch.events[0]?.();
      await watch.turn(50);
    }
    assert.deepEqual(watch.labels(), ['b']);
  });

  it('reads the secure file, too', async () => {
    await writeFile(watch.securePath, 'zookeeper-servers: [{host: z}]\n');
    await watch.event();
    assert.equal(watch.changes[0]?.changes.zookeeperServersChanged, true);
  });

  it('reads nothing where nothing has changed', async () => {
    await watch.event();
    await watch.turn(20_000);
    assert.deepEqual(watch.changes, []);
    assert.deepEqual(watch.lines, []);
  });

  it('tells nobody of a file that was only touched', async () => {
    await writeFile(watch.path, 'labels: [{name: a}]\n');
    await watch.event();
    assert.deepEqual(watch.changes, []);
  });

  it('keeps the last good configuration and says once what is wrong', async () => {
    await writeFile(watch.path, 'labels: [{nam: b}]\n');
    await watch.event();
    // The same once more: the file is new, what is wrong is not.
    await unlink(watch.path);
    await writeFile(watch.path, 'labels: [{nam: b}]\n');
    await watch.event();
    await watch.turn(20_000);
    assert.deepEqual(watch.labels(), ['a']);
    assert.deepEqual(watch.changes, []);
    assert.deepEqual(watch.lines, [
      'error Configuration is refused; the last good one stays in force',
      `error Configuration is wrong: ${watch.path}:1:10: labels[0].name: is missing`,
    ]);
  });

  it('says again what is wrong when the file is wrong in another way', async () => {
    await writeFile(watch.path, 'labels: [{nam: b}]\n');
    await watch.event();
    await writeFile(watch.path, 'labels: 3\n');
    await watch.event();
    assert.equal(watch.lines.filter((line) => line.includes('refused')).length, 2);
  });

  it('takes the file again when it is good', async () => {
    await writeFile(watch.path, 'labels: 3\n');
    await watch.event();
    await writeFile(watch.path, 'labels: [{name: c}]\n');
    await watch.event();
    assert.deepEqual(watch.labels(), ['c']);
    assert.ok(watch.lines.includes('info Configuration is good again'));
  });

  it('waits for a file that is being replaced', async () => {
    await unlink(watch.path);
    await watch.event();
    assert.deepEqual(watch.lines, []);
    await writeFile(`${watch.path}.new`, 'labels: [{name: d}]\n');
    await rename(`${watch.path}.new`, watch.path);
    await watch.turn(500);
    assert.deepEqual(watch.labels(), ['d']);
  });

  it('says so when the file is really gone', async () => {
    await unlink(watch.path);
    await watch.event();
    await watch.turn(500);
    await watch.turn(500);
    assert.deepEqual(watch.lines, [
      'error Configuration is refused; the last good one stays in force',
      `error Configuration is wrong: ${watch.path}: cannot be read: it does not exist`,
    ]);
  });

  it('tells on demand even if nothing has changed', async () => {
    await watch.watcher.reload();
    assert.equal(watch.changes.length, 1);
    assert.deepEqual(watch.changes[0]?.changes, {
      providersAdded: [],
      providersChanged: [],
      providersRemoved: [],
      zookeeperServersChanged: false,
    });
  });

  it('outlives a listener that fails', async () => {
    watch.watcher.onChange(() => {
      throw new Error('mine');
    });
    await watch.watcher.reload();
    await watch.watcher.reload();
    assert.equal(watch.changes.length, 2);
    assert.ok(watch.lines.includes('error Configuration could not be applied'));
  });

  it('tells nobody after it is closed', async () => {
    await writeFile(watch.path, 'labels: [{name: b}]\n');
    watch.events[0]?.();
    await watch.watcher.close();
    await watch.turn(10_000);
    assert.deepEqual(watch.changes, []);
    assert.equal(watch.clock.pending, 0);
  });
});

describe('ConfigWatcher on a real directory', () => {
  it('hears of a file that is replaced', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-watch-'));
    const path = join(folder, 'nodepool.yaml');
    // No comparison would come in time, so only the event can tell.
    const rest = 'extensions: {intervals: {config-check: 3600}}\n';
    await writeFile(path, `labels: [{name: a}]\n${rest}`);
    const options = { path, environment: {}, clock: systemClock, log: silentLogger };
    const watcher = new ConfigWatcher(options, await loadConfig(options));
    try {
      const changed = new Promise<ConfigChange>((resolve) => {
        watcher.onChange(resolve);
      });
      watcher.start();
      await writeFile(`${path}.new`, `labels: [{name: b}]\n${rest}`);
      await rename(`${path}.new`, path);
      assert.deepEqual([...(await changed).config.labels.keys()], ['b']);
    } finally {
      await watcher.close();
      await rm(folder, { recursive: true });
    }
  });
});
