/**
 * What Docker is asked for: the container of a build, and the one that cleans up after it. Pure.
 *
 * Folders have the same paths inside as outside, so that the command that a process would get does.
 * What may be secret goes into the environment alone, never into command, labels or names.
 *
 * Facts: docs.docker.com/reference/api/engine, "Create a container".
 */
import type { ContainerCreateOptions, DeviceMapping, HostConfig } from 'dockerode';

import type { BuildContainer } from '../../../schemas/config/model.ts';
import type { BuildKey } from '../../../shared/store/paths.ts';
import type { DibJob } from '../runner.ts';

/** On each container, so that its owner finds it again. A sweeper has those of the build it is for. */
export const BUILDER_LABEL = 'nodepool.builder';
export const IMAGE_LABEL = 'nodepool.image';
export const BUILD_LABEL = 'nodepool.build';

export interface ContainerPlan {
  readonly settings: BuildContainer;
  readonly builderId: string;
  readonly imagesDir: string;
  /** May be several, with colons between them, as in ELEMENTS_PATH. */
  readonly elementsDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Where this build makes what it does not keep: below `imagesDir`, of this build alone. */
  readonly workDir: string;
}

/**
 * Runs diskimage-builder, which it asks to end when it is asked itself, and waits a while for what goes
 * on in the background when it has ended: that is where its last words are written, and a container ends
 * with its first process. Both streams are one, for Docker would mix them.
 */
const WRAPPER = `
"$@" 2>&1 &
child=$!
trap 'kill -TERM "$child" 2> /dev/null' TERM
while wait "$child"; code=$?; kill -0 "$child" 2> /dev/null; do :; done
wait "$child" 2> /dev/null; code=$?
for ((i = 0; i < 100; i++)); do
  kill -0 -- -1 2> /dev/null || break
  sleep 0.05
done
exit "$code"
`;

/** For what a build says all in all; the daemon's own limits would drop its beginning. */
const LOG_SIZE = '1024g';
const MIB = 1024 * 1024;
const NANO = 1e9;

export function buildOptions(
  plan: ContainerPlan,
  job: Pick<DibJob, 'key' | 'words' | 'environment'>,
  graceSeconds: number,
): ContainerCreateOptions {
  const { settings } = plan;
  return {
    name: `nodepool-build-${job.key.build}`,
    Image: settings.image,
    Cmd: ['bash', '-c', WRAPPER, 'build', ...job.words],
    Env: envOf(environmentOf(plan, job.environment)),
    Labels: labelsOf(plan, job.key),
    Tty: false,
    StopSignal: 'SIGTERM',
    // The image may be the builder's own, whose check is about the builder.
    Healthcheck: { Test: ['NONE'] },
    // Also when it is the daemon that stops.
    StopTimeout: graceSeconds,
    ...(settings.user !== undefined && { User: settings.user }),
    HostConfig: {
      ...rightsOf(settings),
      Binds: bindsOf(plan),
      ...(settings.network !== undefined && { NetworkMode: settings.network }),
      ...(settings.cpus !== undefined && { NanoCpus: Math.round(settings.cpus * NANO) }),
      ...(settings.memoryMib !== undefined && { Memory: settings.memoryMib * MIB }),
    },
  };
}

/** What the image's `env-vars` say stands over ours. */
function environmentOf(
  { workDir, cacheDir }: ContainerPlan,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const hasFolder = 'TMPDIR' in own || 'TMP_DIR' in own;
  return {
    // diskimage-builder looks at both.
    ...(!hasFolder && { TMPDIR: workDir, TMP_DIR: workDir }),
    ...(cacheDir !== undefined && { DIB_IMAGE_CACHE: cacheDir }),
    ...own,
  };
}

/**
 * Lets go of loop devices whose files lie in the work folder, and removes it: the files of a build that
 * was killed. (Its mounts went with the container.) A device is found by its file's number, since the
 * name that the system knows is one inside the container.
 */
const SWEEP = `
find "$1" -mindepth 2 -maxdepth 2 -xdev -type f -name '*.raw' | while read -r file; do
  losetup -n -O NAME -j "$file" | while read -r device; do
    kpartx -d "$device"
    losetup -d "$device"
  done
done
rm -rf --one-file-system -- "$1"
`;

export function sweepOptions(plan: ContainerPlan, key: BuildKey): ContainerCreateOptions {
  const { settings, imagesDir, workDir } = plan;
  return {
    Image: settings.image,
    Entrypoint: ['sh', '-c', SWEEP],
    Cmd: ['sweep', workDir],
    Labels: labelsOf(plan, key),
    User: '0',
    HostConfig: {
      ...rightsOf(settings),
      Binds: [imagesDir, ...devOf(settings)].map((path) => `${path}:${path}`),
      NetworkMode: 'none',
    },
  };
}

function labelsOf(plan: ContainerPlan, key: BuildKey): Record<string, string> {
  return {
    [BUILDER_LABEL]: plan.builderId,
    [IMAGE_LABEL]: key.image,
    [BUILD_LABEL]: key.build,
  };
}

function rightsOf(settings: BuildContainer): HostConfig {
  return {
    Privileged: settings.privileged,
    Devices: settings.devices.map(deviceOf),
    // The exit code is read after the end.
    AutoRemove: false,
    LogConfig: { Type: 'json-file', Config: { 'max-size': LOG_SIZE } },
  };
}

function bindsOf({ settings, imagesDir, elementsDir, cacheDir }: ContainerPlan): string[] {
  const elements = (elementsDir ?? '').split(':').filter((one) => one !== '');
  const binds = [
    `${imagesDir}:${imagesDir}`,
    ...elements.map((path) => `${path}:${path}:ro`),
    ...(cacheDir === undefined ? [] : [`${cacheDir}:${cacheDir}`]),
    ...devOf(settings).map((path) => `${path}:${path}`),
    ...settings.mounts.map(mountOf),
  ];
  // Docker refuses two mounts at one place; what the configuration says of one is the last word.
  return [...new Map(binds.map((bind) => [bind.split(':')[1], bind])).values()];
}

/** A privileged container sees the devices of its first moment; loop devices come later. */
function devOf({ privileged }: BuildContainer): string[] {
  return privileged ? ['/dev'] : [];
}

/** PATH[:PATH-INSIDE][:ro] */
function mountOf(text: string): string {
  const [outside = '', ...rest] = text.split(':');
  return rest[0]?.startsWith('/') ? text : [outside, outside, ...rest].join(':');
}

/** PATH[:PATH-INSIDE][:rwm] */
function deviceOf(text: string): DeviceMapping {
  const [outside = '', ...rest] = text.split(':');
  const inside = rest[0]?.startsWith('/') ? rest.shift() : outside;
  return {
    PathOnHost: outside,
    PathInContainer: inside ?? outside,
    CgroupPermissions: rest[0] ?? 'rwm',
  };
}

function envOf(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}
