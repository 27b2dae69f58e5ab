import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { ContainerState } from '../../../../../builder/dib/container/daemon.ts';
import { Follower } from '../../../../../builder/dib/container/follow.ts';
import { ManualClock } from '../../../../../fixtures/clock.ts';
import { hasCode, hasLabel, NodepoolError } from '../../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import { eventually } from '../../../../support/eventually.ts';
import { frame } from './frame.ts';

const running: ContainerState = { isRunning: true, exitCode: 0, isOutOfMemory: false };
const ended = (exitCode: number, isOutOfMemory = false): ContainerState => {
  return { isRunning: false, exitCode, isOutOfMemory };
};
const away = (): NodepoolError =>
  new NodepoolError('NP_BUILD_RUNNER', 'nobody answers', { labels: ['unreachable'] });
const broken = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

/** A daemon that says what stands in the lists, one entry a call; the last one again and again. */
class ToldDaemon {
  readonly address = 'unix:///told.sock';
  readonly states: (ContainerState | NodepoolError)[];
  /** Pieces of a stream; an error breaks it off, `open` leaves it open. */
  readonly streams: (Buffer | Error | 'open')[][];
  constructor(states: ToldDaemon['states'], streams: ToldDaemon['streams']) {
    this.states = states;
    this.streams = streams;
  }

  state(): Promise<ContainerState> {
    const [first = away()] = this.states;
    if (this.states.length > 1) this.states.shift();
    return first instanceof Error ? Promise.reject(first) : Promise.resolve(first);
  }

  logs(_id: string, _isLive: boolean, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
    const pieces = this.streams.shift() ?? [];
    const stream = new Readable({
      signal,
      read() {
        const piece = pieces.shift();
        if (piece instanceof Error) this.destroy(piece);
        else if (piece !== 'open') this.push(piece ?? null);
      },
    });
    return Promise.resolve(stream);
  }
}

describe('following a container', () => {
  let folder: string;
  let output: FileHandle;
  let clock: ManualClock;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'follow-'));
    output = await open(join(folder, 'log'), 'a+');
    clock = new ManualClock();
  });
  afterEach(async () => {
    await output.close();
    await rm(folder, { recursive: true, force: true });
  });

  const follow = (daemon: ToldDaemon, signal = new AbortController().signal): Promise<number> =>
    new Follower({ daemon, clock, log: silentLogger, id: 'c', output }).toEnd(signal);
  const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8');
  /** Turns the clock until the work has ended. */
  async function turning<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    await eventually(async () => {
      if (!isDone) await clock.advance(10_000);
      return isDone;
    });
    return done;
  }

  it('answers its exit code, and reads once more what it said', async () => {
    const daemon = new ToldDaemon(
      [running, ended(3)],
      [[frame('one\n')], [frame('one\n'), frame('two\n', 2)]],
    );
    assert.equal(await follow(daemon), 3);
    assert.equal(await log(), 'one\ntwo\n');
  });

  it('puts in what was left out, behind what stood there before', async () => {
    await output.appendFile('before\n');
    const daemon = new ToldDaemon(
      [running, ended(0)],
      [
        [frame('one\n'), frame('three\n'), frame('four and more\n')],
        ['one\n', 'two\n', 'three\n', 'four\n'].map((text) => frame(text)),
      ],
    );
    assert.equal(await follow(daemon), 0);
    assert.equal(await log(), 'before\none\ntwo\nthree\nfour\n');
  });

  it('neither loses nor doubles a byte when the connection is lost', async () => {
    const whole = Buffer.concat([frame('one\n'), frame('two\n')]);
    for (let cut = 0; cut <= whole.length; cut++) {
      await output.truncate();
      const daemon = new ToldDaemon(
        [running, running, running, ended(0)],
        [[whole.subarray(0, cut), broken()], [whole], [whole]],
      );
      assert.equal(await turning(follow(daemon)), 0);
      assert.equal(await log(), 'one\ntwo\n', `cut at ${cut}`);
    }
  });

  it('waits for a daemon that is away, but not for ever', async () => {
    const daemon = new ToldDaemon([running, away(), away(), running, ended(0)], [[broken()], []]);
    assert.equal(await turning(follow(daemon)), 0);
    const gone = follow(new ToldDaemon([running, away()], [[broken()]]));
    await assert.rejects(turning(gone), (error) => hasLabel(error, 'unreachable'));
    assert.ok(clock.monotonic() >= 300_000);
  });

  it('says so where the container ended while nobody listened', async () => {
    const daemon = new ToldDaemon(
      [running, ended(0)],
      [[frame('one\n'), broken()], [frame('one\n')]],
    );
    assert.equal(await turning(follow(daemon)), 0);
    assert.match(
      await log(),
      /^one\n\nThe Docker daemon was away at the end: last words may be miss/,
    );
  });

  it('fails where the container ended with its daemon', async () => {
    for (const code of [143, 137, 255]) {
      const daemon = new ToldDaemon([running, away(), ended(code)], [[broken()], []]);
      await assert.rejects(
        turning(follow(daemon)),
        (error: Error) => hasCode(error, 'NP_BUILD_RUNNER') && error.message.includes(`${code}`),
      );
    }
    const unhurt = follow(new ToldDaemon([running, ended(137)], []));
    assert.equal(await turning(unhurt), 137, 'without a restart');
  });

  it('fails where the container is gone', async () => {
    const gone = new NodepoolError('NP_BUILD_RUNNER', 'no such container', {
      labels: ['notFound'],
    });
    await assert.rejects(turning(follow(new ToldDaemon([running, gone], [[]]))), gone);
  });

  it('sees the end of a container whose connection hangs', async () => {
    const daemon = new ToldDaemon([running, running, ended(0)], [['open'], [frame('end\n')]]);
    assert.equal(await turning(follow(daemon)), 0);
    assert.equal(await log(), 'end\n');
  });

  it('says that memory was used up', async () => {
    assert.equal(await follow(new ToldDaemon([ended(137, true)], [[]])), 137);
    assert.match(await log(), /the memory of the container was used up/);
  });

  it('can be ended', async () => {
    const controller = new AbortController();
    const daemon = new ToldDaemon([running], [[frame('one\n'), 'open']]);
    const failing = assert.rejects(follow(daemon, controller.signal), /enough/);
    await eventually(async () => (await log()) === 'one\n');
    controller.abort(new NodepoolError('NP_ABORTED', 'enough'));
    await failing;
  });
});
