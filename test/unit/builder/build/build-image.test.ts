import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  ImageBuilder,
  type BuildJob,
  type BuildResult,
} from '../../../../builder/build/build-image.ts';
import { BuildLogs } from '../../../../builder/build/build-logs.ts';
import type { DibJob } from '../../../../builder/dib/runner.ts';
import { RunningBuilds } from '../../../../builder/build/running-builds.ts';
import type { BuilderContext } from '../../../../builder/context.ts';
import { ImageFolder } from '../../../../builder/files/image-folder.ts';
import { InputsKey } from '../../../../builder/inputs/key.ts';
import { Recorder } from '../../../../builder/inputs/recorder.ts';
import { Surveyor } from '../../../../builder/inputs/survey.ts';
import type { DiskimageConfig } from '../../../../schemas/config/model.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { abortReason, onAbort } from '../../../../shared/base/wait.ts';
import { ImageWork } from '../../../../shared/store/image-work.ts';
import { buildPath, imageBuildLockPath } from '../../../../shared/store/paths.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { CollectingMetrics } from '../../../support/collecting-metrics.ts';
import { eventually } from '../../../support/eventually.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const IMAGE: DiskimageConfig = {
  ...{ name: 'debian', elements: ['vm'], envVars: {}, formats: [], keepFormats: [] },
  ...{ deleteAfterUpload: false, isPaused: false, rebuildAgeSeconds: 100, buildTimeoutSeconds: 60 },
  ...{ release: '', username: 'zuul', pythonPath: 'auto', shellType: undefined },
  ...{ dibCmd: 'dib', metadata: {} },
};

describe('one build of an image', () => {
  let world: StoreWorld;
  let folder: string;
  let dib: (job: DibJob, signal: AbortSignal) => Promise<number>;
  let jobs: DibJob[];
  let freeBytes: number;
  let metrics: CollectingMetrics;
  let running: RunningBuilds;
  beforeEach(async () => {
    world = await StoreWorld.start();
    folder = await mkdtemp(join(tmpdir(), 'build-image-'));
    jobs = [];
    freeBytes = 2 ** 20;
    metrics = new CollectingMetrics();
    running = new RunningBuilds(world.clock);
    dib = makes('qcow2', 'raw');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Something that ends well and leaves these files. */
  function makes(...formats: readonly string[]): typeof dib {
    return async ({ key, logPath }) => {
      await writeFile(logPath, 'it builds\n', { flag: 'a' });
      for (const format of formats)
        await writeFile(join(folder, `${key.image}-${key.build}.${format}`), 'data');
      return 0;
    };
  }

  function builder(): ImageBuilder {
    const { client, clock, store } = world;
    const images = new ImageFolder(folder);
    images.freeBytes = () => Promise.resolve(freeBytes);
    const context: BuilderContext = {
      ...{ images: store.images, work: new ImageWork(client, store.images), clock },
      ...{ log: silentLogger, metrics, host: 'host.example', builderId: 'id' },
    };
    const key = new InputsKey(folder);
    const surveyor = new Surveyor({ clock, key });
    const record = { clock, log: silentLogger, folder: images, surveyor, key, version: '1' };
    return new ImageBuilder(context, {
      ...{ client, folder: images, packageDir: '/ours', running, recorder: new Recorder(record) },
      logs: new BuildLogs({ folder: join(folder, 'logs'), retention: 7 }),
      runner: {
        run: (job, signal) => {
          jobs.push(job);
          return dib(job, signal);
        },
        cleanUp: () => Promise.resolve(),
        place: () => Promise.resolve('here'),
        hasLeft: false,
        holds: () => false,
      },
    });
  }

  function run(job: Partial<BuildJob> = {}, stop = new AbortController()): Promise<BuildResult> {
    return builder().run(
      { image: IMAGE, formats: ['raw', 'qcow2'], elementsDir: '/e', isDue: () => true, ...job },
      stop.signal,
    );
  }

  const records = () => [...world.store.images.builds.values()].map(({ record }) => record);
  const isFree = async (): Promise<boolean> => {
    const held = await new ImageWork(world.other, world.store.images).lockImage('debian');
    await held?.release();
    return held !== undefined;
  };

  it('ends with a record as the original writes it, files, a log, and the lock given back', async () => {
    const result = await run();
    assert.equal(result.kind, 'ready');
    const [stored] = world.store.images.builds.values();
    assert.deepEqual(world.read(stored?.path ?? ''), {
      state: 'ready',
      state_time: world.clock.now() / 1000,
      builder: 'host.example',
      builder_id: 'id',
      formats: 'qcow2,raw',
      username: 'zuul',
      python_path: 'auto',
      shell_type: null,
    });
    const [job] = jobs;
    assert.match(job?.key.build ?? '', /^[0-9a-f]{32}$/);
    assert.equal(await readFile(job?.logPath ?? '', 'utf8'), 'it builds\nExit code: 0\n');
    assert.ok(job?.words.includes(join(folder, `debian-${job.key.build}`)));
    assert.ok(await isFree());
  });

  it('says `building` meanwhile, and nobody else builds the image', async () => {
    let seen: unknown;
    dib = async (job, signal) => {
      seen = [records()[0]?.state, await isFree(), (await run()).kind];
      return makes('qcow2', 'raw')(job, signal);
    };
    await run();
    assert.deepEqual(seen, ['building', false, 'not-needed']);
    assert.equal(records().length, 1);
  });

  it('has answered a request for it when others can build the image', async () => {
    const request = '/nodepool/images/debian/request-build';
    await world.client.ensurePath(request);
    await eventually(() => world.store.images.isRequested('debian'));
    let isAnswered: Promise<boolean> | undefined;
    dib = (job, signal) => {
      isAnswered = next().then(async () => (await world.other.exists(request)) === undefined);
      return makes('qcow2', 'raw')(job, signal);
    };
    const stop = { signal: new AbortController().signal };
    const next = (): Promise<unknown> =>
      new Lock(world.other, imageBuildLockPath('debian')).acquire(stop);
    assert.equal((await run()).kind, 'ready');
    assert.equal(await isAnswered, true);
  });

  it('is not begun where somebody was quicker', async () => {
    assert.equal((await run({ isDue: () => false })).kind, 'not-needed');
    assert.deepEqual([jobs.length, records().length, await isFree()], [0, 0, true]);
  });

  it('fails with the reason where diskimage-builder fails', async () => {
    dib = async ({ logPath }) => {
      await writeFile(logPath, 'cannot do it\n', { flag: 'a' });
      return 2;
    };
    const result = await run();
    assert.ok(result.kind === 'failed' && hasCode(result.error, 'NP_BUILD_FAILED'));
    assert.match(
      String(result.error),
      /exit code 2: cannot do it; 1 MiB were free in \S+ at the least$/,
    );
    assert.deepEqual([records()[0]?.state, await isFree()], ['failed', true]);
  });

  it('is not begun where there is less room than an earlier one took', async () => {
    assert.equal((await run()).kind, 'ready');
    assert.equal((await run()).kind, 'ready');
    const taken = await new ImageFolder(folder).largestBytes('debian');
    freeBytes = taken;
    assert.equal((await run()).kind, 'ready');
    freeBytes = taken - 1;
    const result = await run();
    assert.ok(result.kind === 'failed' && hasCode(result.error, 'NP_BUILD_NO_SPACE'));
    assert.deepEqual([jobs.length, records().length, await isFree()], [3, 3, true]);
  });

  it('marks what an earlier one, at which nobody works, has left', async () => {
    const key = { image: 'debian', build: 'a'.repeat(32) };
    const work = new ImageWork(world.client, world.store.images);
    const held = await work.lockImage('debian');
    assert.ok(held);
    const login = { username: null, python_path: null, shell_type: null };
    await work.createBuild(held, key, { state: 'building', state_time: 1, ...login });
    await held.release();
    let seen: unknown;
    dib = (job, signal) => {
      seen = world.store.images.builds.get(buildPath(key))?.record.state;
      return makes('qcow2', 'raw')(job, signal);
    };
    assert.equal((await run()).kind, 'ready');
    assert.equal(seen, 'deleting');
  });

  it('fails where a format was not made', async () => {
    dib = makes('raw');
    const result = await run();
    assert.ok(result.kind === 'failed');
    assert.match(String(result.error), /no file of format qcow2/);
    assert.equal(records()[0]?.state, 'failed');
  });

  /** Runs until it is told to end. */
  const endless: typeof dib = (_, signal) =>
    new Promise((_resolve, reject) => {
      onAbort(signal, () => {
        reject(abortReason(signal));
      });
    });

  async function untilRunning(): Promise<void> {
    while (jobs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  it('fails when its time is up, and when the builder stops', async () => {
    dib = endless;
    const slow = run();
    await untilRunning();
    await world.clock.advance(60_000);
    const result = await slow;
    assert.ok(result.kind === 'failed' && hasCode(result.error, 'NP_BUILD_TIMEOUT'));
    const stop = new AbortController();
    jobs = [];
    const stopped = run({}, stop);
    await untilRunning();
    stop.abort();
    assert.equal((await stopped).kind, 'failed');
    assert.deepEqual(
      records().map(({ state }) => state),
      ['failed', 'failed'],
    );
  });

  it('is ended when its session is, and its record is left to whoever cleans up', async () => {
    dib = endless;
    const running = run();
    await untilRunning();
    world.client.expire();
    assert.equal((await running).kind, 'failed');
  });

  describe('is told to statsd', () => {
    const status = 'nodepool.dib_image_build.debian.status';
    const told = (code: number, ms: number): string[] => [
      `${status}.duration:${ms}|ms`,
      `${status}.rc:${code}|g`,
      `${status}.last_build:${Math.floor(world.clock.now() / 1000)}|g`,
    ];

    it('with duration, exit code and what its files take on the disk', async () => {
      dib = async (job, signal) => {
        await world.clock.advance(2500);
        // A file with a hole: the disk holds far less than its size.
        const code = await makes('raw', 'qcow2')(job, signal);
        await truncate(join(folder, `debian-${job.key.build}.raw`), 100_000_000);
        return code;
      };
      await run();
      const [key = ''] = jobs.map((one) => join(folder, `debian-${one.key.build}`));
      const blocks = async (format: string) => (await stat(`${key}.${format}`)).blocks * 512;
      assert.deepEqual(metrics.lines, [
        ...told(0, 2500),
        `nodepool.dib_image_build.debian.raw.size:${await blocks('raw')}|g`,
        `nodepool.dib_image_build.debian.qcow2.size:${await blocks('qcow2')}|g`,
      ]);
      assert.ok((await blocks('raw')) < 1_000_000);
    });

    it('when it fails, without sizes', async () => {
      dib = () => Promise.resolve(3);
      await run();
      assert.deepEqual(metrics.lines, told(3, 0));
    });

    it('as failed with 1 when its time was up', async () => {
      dib = (_job, signal) =>
        new Promise((_resolve, reject) => {
          onAbort(signal, () => {
            reject(abortReason(signal));
          });
          void world.clock.advance(60_000);
        });
      await run();
      assert.deepEqual(metrics.lines, told(1, 60_000));
    });

    it('not when it was broken off', async () => {
      const stop = new AbortController();
      dib = (_job, signal) => {
        stop.abort(new Error('the builder stops'));
        return Promise.reject(abortReason(signal));
      };
      await run({}, stop);
      assert.deepEqual(metrics.lines, []);
    });
  });

  it('is among those that run from its record to its end', async () => {
    const changes: number[] = [];
    running.onChange(() => changes.push(running.list().length));
    dib = (job, signal) => {
      assert.deepEqual(
        running.list().map(({ build, formats }) => [build, formats]),
        [[job.key.build, ['raw', 'qcow2']]],
      );
      assert.ok(running.has(job.key));
      return makes('qcow2', 'raw')(job, signal);
    };
    await run();
    assert.deepEqual([running.list(), changes], [[], [1, 1, 0]]);
    dib = () => Promise.resolve(1);
    await run();
    assert.deepEqual(running.list(), [], 'a failed one, too');
  });
});
