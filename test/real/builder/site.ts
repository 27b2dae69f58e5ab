/** A builder's folders, its runner on a real Docker, and what builds leave on the machine. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { ContainerRunner } from '../../../builder/dib/container-runner.ts';
import type { ContainerRunnerOptions } from '../../../builder/dib/container-runner.ts';
import type { DibJob } from '../../../builder/dib/runner.ts';
import type { BuildContainer } from '../../../schemas/config/model.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger, type Logger } from '../../../shared/base/log.ts';
import { eventually } from '../../support/eventually.ts';
import { IMAGE, type Docker } from './docker.ts';

/** Long after what a build takes. */
const BUILD_MS = 120_000;
const POLL_MS = 100;
/** What the element says when the image is mounted and has a loop device. */
const HOLDING = 'slow: the loop device is there';

export interface LoopDevice {
  readonly device: string;
  /** Of its file. */
  readonly inode: string;
}

export interface SiteOptions {
  readonly settings?: Partial<BuildContainer>;
  readonly log?: Logger;
  readonly graceSeconds?: number;
  readonly socket?: string;
}

export class Site {
  readonly docker: Docker;
  readonly folder: string;
  readonly builderId = randomUUID();

  private constructor(docker: Docker, folder: string) {
    this.docker = docker;
    this.folder = folder;
  }

  static async make(docker: Docker): Promise<Site> {
    const site = new Site(docker, await mkdtemp(join(tmpdir(), 'builder-')));
    await Promise.all([site.imagesDir, site.cacheDir].map((path) => mkdir(path)));
    // tiny lets nothing happen while there is a loop device.
    const phase = join(site.elementsDir, 'slow/finalise.d');
    await mkdir(phase, { recursive: true });
    const script = join(phase, '50-slow');
    await writeFile(script, `#!/bin/bash\necho "${HOLDING}"\nsleep "$SLOW_SLEEP"\n`);
    await chmod(script, 0o755);
    return site;
  }

  get imagesDir(): string {
    return join(this.folder, 'images');
  }

  get elementsDir(): string {
    return join(this.folder, 'elements');
  }

  get cacheDir(): string {
    return join(this.folder, 'cache');
  }

  get logPath(): string {
    return join(this.folder, 'build.log');
  }

  log(): Promise<string> {
    return readFile(this.logPath, 'utf8');
  }

  options({ settings, log, graceSeconds, socket }: SiteOptions = {}): ContainerRunnerOptions {
    const { docker, builderId, imagesDir, elementsDir, cacheDir } = this;
    return {
      ...{ clock: systemClock, log: log ?? silentLogger, builderId },
      ...{ imagesDir, elementsDir, cacheDir },
      address: { kind: 'socket', path: socket ?? docker.socket },
      login: () => Promise.resolve(undefined),
      settings: {
        ...{ image: IMAGE, pull: 'never', host: undefined, privileged: true, devices: [] },
        ...{ mounts: [], cpus: undefined, memoryMib: undefined, network: 'host', user: undefined },
        ...settings,
      },
      ...(graceSeconds !== undefined && { graceSeconds }),
    };
  }

  runner(options: SiteOptions = {}): ContainerRunner {
    return new ContainerRunner(this.options(options));
  }

  /** A build of the elements, as build-image.ts asks for it. */
  job(elements: readonly string[], environment: Readonly<Record<string, string>> = {}): DibJob {
    const { job } = this.#newJob();
    const output = join(this.imagesDir, `tiny-${job.key.build}`);
    const options = ['-n', '-x', '-t', 'raw', '--checksum', '--no-tmpfs', '-o', output];
    return {
      ...job,
      words: ['disk-image-create', ...options, ...elements],
      environment: {
        DIB_JOURNAL_SIZE: '4',
        ELEMENTS_PATH: `${this.elementsDir}:/usr/local/share/dib-elements`,
        SLOW_SLEEP: '1000',
        ...environment,
      },
    };
  }

  /** Something else in the place of diskimage-builder. */
  script(script: string, environment: Readonly<Record<string, string>> = {}): DibJob {
    return { ...this.#newJob().job, words: ['bash', '-c', script], environment };
  }

  #newJob(): { job: Pick<DibJob, 'key' | 'logPath'> } {
    const key = { image: 'tiny', build: randomUUID().replaceAll('-', '') };
    return { job: { key, logPath: this.logPath } };
  }

  /** Waits until the build of tiny and slow holds its loop device. */
  async untilHolding({ key }: DibJob): Promise<LoopDevice> {
    await this.untilLogged(HOLDING);
    const found = (await loopDevices()).find(({ file }) => file.includes(key.build));
    if (found === undefined) throw new Error('the build has no loop device');
    return found;
  }

  async untilLogged(text: string): Promise<void> {
    await eventually(async () => (await this.log()).includes(text), BUILD_MS, POLL_MS);
  }

  /** Containers of the builder, loop devices and mounts, in words: empty where nothing is left. */
  async left(...loops: readonly LoopDevice[]): Promise<readonly string[]> {
    const containers = await this.docker.withLabel(`nodepool.builder=${this.builderId}`);
    const held = (await loopDevices()).filter(({ inode }) =>
      loops.some((one) => one.inode === inode),
    );
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n');
    const folders = (await readdir(this.imagesDir)).filter((name) => name.endsWith('.work'));
    return [
      ...containers.map((id) => `container ${id}`),
      ...held.map(({ device }) => device),
      ...mounts.filter((line) => line.includes(this.folder)),
      ...folders,
    ];
  }

  async drop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function loopDevices(): Promise<(LoopDevice & { file: string })[]> {
  const text = await run('losetup', [
    '--list',
    '--noheadings',
    '--output',
    'NAME,BACK-INO,BACK-FILE',
  ]);
  return text.split('\n').flatMap((line) => {
    const [device = '', inode = '', file = ''] = line.trim().split(/\s+/);
    return device === '' ? [] : [{ device, inode, file }];
  });
}
