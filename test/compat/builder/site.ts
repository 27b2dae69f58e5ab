/**
 * Builders of both kinds as processes before one ZooKeeper (over TLS, below a chroot of its own) and an
 * OpenStack in memory, each with a folder of its own or one after the other with the same. Instead of
 * diskimage-builder a script writes small files, and writes down that it ran.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBuilder } from '../../../fixtures/builder/start.ts';
import type { CloudImage } from '../../../fixtures/openstack-cloud/images.ts';
import { startDaemon, type RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { run } from '../../../fixtures/processes/run.ts';
import type { RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageStore } from '../../../shared/store/images.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { OpenStackSite } from '../../support/openstack-site.ts';
import type { Peers } from '../../support/peers.ts';
import { withLogEnds } from '../../support/with-log-ends.ts';
import { uniqueChroot } from '../../support/zookeeper.ts';
import { ImageBook } from '../../support/image-book.ts';

export type BuilderKind = 'python' | 'ours';
type Fields = Readonly<Record<string, unknown>>;

export interface SiteOptions {
  readonly peers: Peers;
  /** With TLS and without; a tick of 500 ms or more. */
  readonly zookeeper: RunningZooKeeper;
  readonly images: readonly string[];
  /** Of each image. */
  readonly diskimage?: Fields;
  /** Between rounds of upkeep, of both kinds. Seconds, default 1. */
  readonly cleanupSeconds?: number;
  /** Of the builders, beside what the cloud needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One call of what stands for diskimage-builder. */
export interface DibRun {
  readonly image: string;
  readonly build: string;
  readonly pid: number;
  /** Seconds since 1970. */
  readonly beganAt: number;
  /** Undefined: it runs, or was killed. */
  readonly endedAt: number | undefined;
}

export const PROVIDERS = ['first', 'second'] as const;
const START_MS = 60_000;
/** Of builders; connections may be lost where the machine is loaded. */
const COMPLAINT = /^\S+ \S+ (WARN|WARNING|ERROR|CRITICAL) nodepool\.(?!zk)/;
/** What Python's says where somebody else has just deleted what it wanted to delete. */
const TOO_LATE = 'Exception cleaning up image';

/** Appends are whole lines, whoever else appends; `behave` is read as shell before files are written. */
const SCRIPT = `#!/bin/bash
set -eu
out= types=
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2; shift ;; -t) types=$2; shift ;; esac
  shift
done
here=$(dirname "$0")
base=$(basename "$out")
echo "begin $base $$ $(date +%s.%N)" >> "$here/runs"
. "$here/behave"
for type in \${types//,/ }; do
  echo "data of $base as $type" > "$out.$type"
  (cd "$(dirname "$out")"; md5sum "$base.$type" > "$out.$type.md5")
  (cd "$(dirname "$out")"; sha256sum "$base.$type" > "$out.$type.sha256")
done
mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"
echo "end $base $$ $(date +%s.%N)" >> "$here/runs"
`;

export class BuildersSite {
  readonly cloud: OpenStackSite;
  readonly client: ZooKeeperClient;
  readonly store: ImageStore;
  readonly book: ImageBook;
  /** Every image that was made in the cloud, also those that are gone. */
  readonly created: CloudImage[] = [];
  readonly folder: string;
  readonly #options: SiteOptions;
  readonly #chroot: string;
  readonly #started: RunningDaemon[] = [];

  private constructor(options: SiteOptions, cloud: OpenStackSite, folder: string) {
    this.#options = options;
    this.#chroot = uniqueChroot('builders');
    this.cloud = cloud;
    this.folder = folder;
    const connectString = options.zookeeper.plainHosts + this.#chroot;
    this.client = new ZooKeeperClient({ connectString, sessionTimeoutMs: 10_000 });
    this.store = new ImageStore(this.client, silentLogger);
    this.book = new ImageBook(this.store);
    const shelf = cloud.cloud.images.images;
    const add = shelf.add.bind(shelf);
    shelf.add = (image, how) => {
      this.created.push(image);
      return add(image, how);
    };
  }

  static async open(options: SiteOptions): Promise<BuildersSite> {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-builders-'));
    removeWithUs(folder);
    const site = new BuildersSite(options, await OpenStackSite.open(), folder);
    await writeFile(join(folder, 'dib.sh'), SCRIPT);
    await chmod(join(folder, 'dib.sh'), 0o755);
    await Promise.all(['behave', 'runs'].map((name) => writeFile(join(folder, name), '')));
    await site.client.start(AbortSignal.timeout(START_MS));
    await site.client.ensurePath('/nodepool/images');
    await site.store.tree.start(AbortSignal.timeout(START_MS));
    return site;
  }

  /** What builds that begin from now on do before they write their files. */
  behave(shell: string): Promise<void> {
    return writeFile(join(this.folder, 'behave'), shell);
  }

  /** Starts one with the files of `name`: those of a builder before it, or new ones. */
  async start(kind: BuilderKind, name: string): Promise<RunningDaemon> {
    const workDir = join(this.folder, name);
    const imagesDir = this.imagesDir(name);
    await mkdir(imagesDir, { recursive: true });
    const configPath = await this.#configure(name);
    const { peers, cleanupSeconds = 1 } = this.#options;
    const environment = {
      ...{ ...this.cloud.environment, ...this.#options.environment },
      CLEANUP_SECONDS: String(cleanupSeconds),
    };
    const daemon = await (kind === 'ours'
      ? startBuilder({ workDir, configPath, environment, args: ['--no-webapp'] })
      : startDaemon({
          program: peers.nodepoolPython,
          args: [
            ...['-W', 'ignore', join(import.meta.dirname, 'python-builder.py'), '-f'],
            ...['-c', configPath, '-p', join(workDir, 'python.pid')],
          ],
          ...{ workDir, environment, logPath: join(workDir, 'python.log') },
        }));
    this.#started.push(daemon);
    return daemon;
  }

  imagesDir(name: string): string {
    return join(this.folder, name, 'images');
  }

  /** Names of files of builds. */
  async files(name: string): Promise<string[]> {
    const names = await readdir(this.imagesDir(name));
    return names.filter((one) => !/^\.|^builder_id\.txt$/.test(one)).toSorted();
  }

  /** Files that tell the next process of builds that run. */
  async notes(name: string): Promise<string[]> {
    return (await readdir(this.imagesDir(name))).filter((one) => one.startsWith('.build.'));
  }

  /** Of the cloud, those that were made by builders and are there. */
  cloudImages(): CloudImage[] {
    return this.cloud.cloud.images.images.all().filter((one) => this.created.includes(one));
  }

  async builderId(name: string): Promise<string> {
    return readFile(join(this.imagesDir(name), 'builder_id.txt'), 'utf8');
  }

  /** In the order in which they began. */
  async runs(): Promise<DibRun[]> {
    const lines = (await readFile(join(this.folder, 'runs'), 'utf8')).trim().split('\n');
    const words = lines.map((line) => line.split(' '));
    return words.flatMap(([what, base = '', pid, at]) => {
      if (what !== 'begin') return [];
      const end = words.find(([other, of]) => other === 'end' && of === base);
      return [
        {
          ...{ image: base.slice(0, -33), build: base.slice(-32), pid: Number(pid) },
          ...{ beganAt: Number(at), endedAt: end && Number(end[3]) },
        },
      ];
    });
  }

  /** As `nodepool dib-image-build` and others do. */
  touch(path: string): Promise<void> {
    return this.client.ensurePath(`/nodepool/images/${path}`);
  }

  /** What a command of Python Nodepool prints: lines of a table, without their frame. */
  async pythonTable(...command: readonly string[]): Promise<string[][]> {
    const program = join(this.#options.peers.nodepoolPython, '../nodepool');
    const configPath = await this.#configure('eyes');
    const env = { ...process.env, ...this.cloud.environment };
    const output = await run(program, ['-c', configPath, ...command], { env });
    const lines = output.split('\n').filter((line) => line.startsWith('|'));
    return lines.slice(1).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }

  /** Lines of logs with this name, default all, that say that something is not as it should be. */
  async complaints(name = ''): Promise<string[]> {
    const started = new Set(this.#started.map(({ logPath }) => logPath));
    const logs = [...started].filter((path) => path.endsWith(name));
    const texts = await Promise.all(logs.map((path) => readFile(path, 'utf8')));
    return texts.flatMap((text) =>
      text.split('\n').filter((line) => COMPLAINT.test(line) && !line.includes(TOO_LATE)),
    );
  }

  /** Runs the steps of a test; if they fail, the error tells the ends of the builders' logs. */
  async play(steps: () => Promise<void>): Promise<void> {
    try {
      await withLogEnds(this.#started, 15, steps);
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    for (const daemon of this.#started) daemon.kill('SIGKILL');
    await Promise.all(this.#started.map((daemon) => daemon.ended));
    for (const { pid, endedAt } of await this.runs()) if (endedAt === undefined) endDib(pid);
    await this.store.tree.stop();
    await this.client.close();
    await this.cloud.close();
    await removeNow(this.folder);
  }

  async #configure(name: string): Promise<string> {
    const { zookeeper, images, diskimage, cleanupSeconds = 1 } = this.#options;
    const { tlsHosts, tls } = zookeeper;
    const [host = '', port = ''] = tlsHosts.split(':');
    const file = {
      'zookeeper-servers': [{ host, port: Number(port), chroot: this.#chroot }],
      'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
      'zookeeper-timeout': 5,
      'images-dir': this.imagesDir(name),
      'build-log-dir': join(this.folder, name, 'logs'),
      labels: [],
      diskimages: images.map((image) => ({
        ...{ name: image, elements: ['vm'], 'dib-cmd': `bash ${this.folder}/dib.sh` },
        ...diskimage,
      })),
      providers: PROVIDERS.map((provider) => ({
        ...{ name: provider, driver: 'openstack', cloud: 'memory', rate: 0.001, pools: [] },
        // openstacksdk uploads nothing where there is one of the same name and content.
        'image-name-format': `${provider}-{image_name}-{timestamp}`,
        diskimages: images.map((image) => ({ name: image })),
      })),
      extensions: {
        builder: { runner: 'process' },
        intervals: { cleanup: cleanupSeconds, 'build-check': 0.5, 'upload-check': 0.5 },
      },
    };
    const path = join(this.folder, name, 'nodepool.yaml');
    await mkdir(join(this.folder, name), { recursive: true });
    await writeFile(path, JSON.stringify(file, undefined, 2));
    return path;
  }
}

/** What a builder that was killed has left, with what it started. */
function endDib(pid: number): void {
  for (const target of [-pid, pid])
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended, or is no group of its own.
    }
}
