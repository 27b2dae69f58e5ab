import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ContainerRunner } from '../../../../builder/dib/container-runner.ts';
import { systemClock } from '../../../../shared/base/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';

const never = new AbortController().signal;

describe('builds in containers, of which something is left', () => {
  let folder: string;
  let docker: FewWordsDocker;
  let runner: ContainerRunner;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'container-runner-'));
    await mkdir(join(folder, 'images'));
    docker = await FewWordsDocker.start(join(folder, 'sock'));
    runner = new ContainerRunner({
      ...{
        clock: systemClock,
        log: silentLogger,
        builderId: 'us',
        imagesDir: join(folder, 'images'),
      },
      ...{ elementsDir: undefined, cacheDir: undefined, login: () => Promise.resolve(undefined) },
      address: { kind: 'socket', path: join(folder, 'sock') },
      settings: {
        ...{ image: 'dib', pull: 'never', host: undefined, privileged: true, devices: [] },
        ...{ mounts: [], cpus: undefined, memoryMib: undefined, network: 'host', user: undefined },
      },
    });
  });
  afterEach(async () => {
    await docker.close();
    await rm(folder, { recursive: true, force: true });
  });

  const key = { image: 'debian', build: 'a'.repeat(32) };
  const build = (): Promise<number> => {
    const job = { key, logPath: join(folder, 'log'), words: ['true'], environment: {} };
    return runner.run(job, never);
  };
  const state = (): unknown => [runner.hasLeft, runner.holds(key), docker.containers.size];

  it('are all that there may be, before it was looked', async () => {
    assert.deepEqual(state(), [true, true, 0]);
    await runner.cleanUp(never);
    assert.deepEqual(state(), [false, false, 0]);
  });

  it('are held until the container can be removed', async () => {
    docker.refused.add('DELETE');
    assert.equal(await build(), 0);
    assert.deepEqual(state(), [true, true, 1]);
    docker.refused.clear();
    await runner.cleanUp(never);
    assert.deepEqual(state(), [false, false, 0]);
  });

  it('are held until their files are gone, and so is the container', async () => {
    const workDir = join(folder, 'images', `${key.image}-${key.build}.work`);
    docker.onStart = () => writeFile(join(workDir, 'file'), '');
    assert.equal(await build(), 0);
    assert.deepEqual(state(), [true, true, 1], 'no sweeper is left, either');
    await rm(workDir, { recursive: true });
    await runner.cleanUp(never);
    assert.deepEqual(state(), [false, false, 0]);
  });
});

/** Containers that end as soon as they are started, and say nothing. */
class FewWordsDocker {
  /** Labels by id. */
  readonly containers = new Map<string, Readonly<Record<string, string>>>();
  /** Methods that are answered with 500. */
  readonly refused = new Set<string>();
  onStart = (): Promise<void> => Promise.resolve();
  readonly #server: Server;
  #made = 0;

  private constructor() {
    this.#server = createServer((request, answer) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const path = new URL(request.url ?? '', 'http://docker').pathname;
        const { status, json } = await this.#answer(request.method ?? '', path, body);
        answer.writeHead(status, { 'content-type': 'application/json' });
        answer.end(json === undefined ? '' : JSON.stringify(json));
      })();
    });
  }

  static async start(path: string): Promise<FewWordsDocker> {
    const docker = new FewWordsDocker();
    await new Promise<void>((resolve) => docker.#server.listen(path, resolve));
    return docker;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #answer(
    method: string,
    path: string,
    body: string,
  ): Promise<{ status: number; json?: unknown }> {
    if (this.refused.has(method)) return { status: 500, json: { message: 'refused' } };
    const [, kind, id = '', verb] = path.split('/');
    if (kind === 'images') return { status: 200, json: { Id: 'sha256:1', RepoDigests: [] } };
    if (id === 'create') {
      const made = `c${++this.#made}`;
      this.containers.set(made, (JSON.parse(body) as { Labels: Record<string, string> }).Labels);
      return { status: 201, json: { Id: made } };
    }
    if (id === 'json') {
      const all = [...this.containers].map(([Id, Labels]) => ({ Id, Labels }));
      return { status: 200, json: all };
    }
    if (method === 'DELETE') return { status: this.containers.delete(id) ? 204 : 404 };
    if (verb === 'start') await this.onStart();
    if (verb === 'json') {
      const State = { Running: false, ExitCode: 0, OOMKilled: false };
      return { status: 200, json: { State } };
    }
    return verb === 'wait'
      ? { status: 200, json: { StatusCode: 0 } }
      : { status: verb === 'logs' ? 200 : 204 };
  }
}
