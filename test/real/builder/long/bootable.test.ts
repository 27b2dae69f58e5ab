/**
 * A whole Debian, which takes minutes and the machine's mirror of packages: our builder as it is shipped
 * makes it with diskimage-builder in a real Docker, and it boots to its login prompt in QEMU.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builderProgram, startBuilder } from '../../../../fixtures/builder/start.ts';
import type { RunningDaemon } from '../../../../fixtures/processes/daemon.ts';
import { installPackages } from '../../../../fixtures/processes/install.ts';
import { endWithUs, removeNow, removeWithUs } from '../../../../fixtures/processes/reaper.ts';
import { isInstalled, run } from '../../../../fixtures/processes/run.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { ImageStore } from '../../../../shared/store/images.ts';
import { eventually } from '../../../support/eventually.ts';
import { connect, uniqueChroot, zookeeper } from '../../../support/zookeeper.ts';
import { dockerOrSkip, IMAGE as CONTAINER_IMAGE, stopDocker, type Docker } from '../docker.ts';

const IMAGE = 'debian';
const BUILD_MS = 3_000_000;
const BOOT_MS = 900_000;
const POLL_MS = 1000;
const SECTOR = 512;
/** Of the first entry of a PC's table of partitions: its flags, and its first sector. */
const ENTRY = 446;
const FIRST_SECTOR = ENTRY + 8;

describe('a bootable image', function () {
  this.timeout(BUILD_MS + BOOT_MS);
  let docker: Docker;
  let folder: string;
  let builder: RunningDaemon | undefined;
  before(async function () {
    docker = await dockerOrSkip(this);
    assert.ok(builderProgram());
    const programs = ['qemu-system-x86_64', 'qemu-img', 'debugfs'];
    const areThere = await Promise.all(programs.map(isInstalled));
    if (areThere.includes(false))
      await installPackages(['qemu-system-x86', 'seabios', 'qemu-utils', 'e2fsprogs']);
    folder = await mkdtemp(join(tmpdir(), 'nodepool-bootable-'));
    removeWithUs(folder);
  });
  after(async () => {
    await builder?.stop();
    await stopDocker();
    // Nothing was made where the whole was skipped.
    if (folder as string | undefined) await removeNow(folder);
  });

  it('is built in a container, with a boot loader, a kernel and an initrd, and boots', async () => {
    const chroot = uniqueChroot('bootable');
    const client = await connect(chroot);
    const store = new ImageStore(client, silentLogger);
    try {
      await client.ensurePath('/nodepool/images');
      await store.tree.start(AbortSignal.timeout(BUILD_MS));
      builder = await start(docker, folder, chroot);
      await eventually(() => isReady(store, folder), BUILD_MS, POLL_MS);
    } finally {
      await store.tree.stop();
      await client.close();
    }
    const [build = ''] = store.buildIds(IMAGE);
    const image = join(folder, 'images', `${IMAGE}-${build}.qcow2`);
    await checkDisk(image, join(folder, 'disk.raw'));
    await boot(image, join(folder, 'console'));
    await checkMachine(docker, folder);
  });
});

async function start(docker: Docker, folder: string, chroot: string): Promise<RunningDaemon> {
  const { plainHosts } = await zookeeper();
  const [host = '', port = ''] = plainHosts.split(':');
  const container = {
    ...{ image: CONTAINER_IMAGE, pull: 'never', network: 'host' },
    host: `unix://${docker.socket}`,
  };
  const imagesDir = join(folder, 'images');
  const cacheDir = join(folder, 'cache');
  for (const path of [imagesDir, cacheDir]) await mkdir(path);
  const file = {
    'images-dir': imagesDir,
    'build-log-dir': join(folder, 'logs'),
    'zookeeper-servers': [{ host, port: Number(port), chroot }],
    diskimages: [
      {
        ...{ name: IMAGE, elements: ['vm', 'debian-minimal'], formats: ['qcow2'] },
        'env-vars': await mirror(),
      },
    ],
    providers: [],
    extensions: { builder: { container, 'cache-dir': cacheDir } },
  };
  const configPath = join(folder, 'nodepool.yaml');
  await writeFile(configPath, JSON.stringify(file));
  return startBuilder({ workDir: folder, configPath, args: ['--no-webapp'] });
}

/** Where packages come from: as the environment says, else this machine's own sources. */
async function mirror(): Promise<Readonly<Record<string, string>>> {
  const { DIB_DISTRIBUTION_MIRROR, DIB_APT_SOURCES_CONF } = process.env;
  const release = /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  const format = '$(RELEASE):deb $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const args = ['indextargets', '--format', format, 'Created-By: Packages'];
  const sources = DIB_APT_SOURCES_CONF ?? (await run('apt-get', args));
  const own = new RegExp(`^${release}:deb (\\S+) `, 'm').exec(sources)?.[1];
  return {
    DIB_RELEASE: release ?? '',
    DIB_DISTRIBUTION_MIRROR: DIB_DISTRIBUTION_MIRROR ?? own ?? '',
    DIB_APT_SOURCES_CONF: sources,
  };
}

async function isReady(store: ImageStore, folder: string): Promise<boolean> {
  const states = [...store.builds.values()].map(({ record }) => record.state);
  if (!states.includes('failed')) return states.includes('ready');
  throw new Error(await readFile(join(folder, 'builder.log'), 'utf8'));
}

/** A PC's disk with code to boot and one partition that is booted, with all that Linux begins with. */
async function checkDisk(image: string, raw: string): Promise<void> {
  const info = JSON.parse(await run('qemu-img', ['info', '--output=json', image])) as {
    readonly format: string;
  };
  assert.equal(info.format, 'qcow2');
  await run('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const disk = await open(raw);
  const first = Buffer.alloc(SECTOR);
  await disk.read(first, 0, SECTOR, 0);
  await disk.close();
  assert.equal(first.readUInt16BE(SECTOR - 2), 0x55aa);
  assert.ok(first.includes('GRUB'), 'no boot loader');
  assert.equal(first[ENTRY], 0x80, 'no partition that is booted');
  const place = `${raw}?offset=${first.readUInt32LE(FIRST_SECTOR) * SECTOR}`;
  const listed = await run('debugfs', ['-R', 'ls -p /boot', place]);
  assert.match(listed, /\/vmlinuz-/);
  assert.match(listed, /\/initrd\.img-/);
}

/** Until it asks who wants to log in, on its serial console. */
async function boot(image: string, consolePath: string): Promise<void> {
  const child = spawn(
    'qemu-system-x86_64',
    [
      // Not KVM: where it is offered, it need not work.
      ...['-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-smp', '2', '-snapshot'],
      ...['-drive', `file=${image},if=virtio,format=qcow2`, '-nic', 'none'],
      ...['-display', 'none', '-monitor', 'none', '-serial', `file:${consolePath}`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  endWithUs(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await eventually(
      async () => {
        const text = await readFile(consolePath, 'utf8');
        assert.match(text, / login: /, text.slice(-2000));
      },
      BOOT_MS,
      POLL_MS,
    );
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function checkMachine(docker: Docker, folder: string): Promise<void> {
  const id = await readFile(join(folder, 'images/builder_id.txt'), 'utf8');
  assert.deepEqual(await docker.withLabel(`nodepool.builder=${id}`), []);
  for (const text of [await readFile('/proc/mounts', 'utf8'), await run('losetup', ['--list'])])
    assert.ok(!text.includes(folder), text);
}
