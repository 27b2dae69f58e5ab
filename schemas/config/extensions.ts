/**
 * `extensions:`, our own options under the one top-level key that Python Nodepool's loader ignores,
 * so that going back stays possible.
 */
import { z } from 'zod';

import { flag, free, fraction, text, whole } from './kit.ts';

/** Zero would mean a loop without a pause. */
const seconds = (about: string) => fraction(about).min(0.01);

export const intervalsSchema = z.strictObject({
  'config-check': seconds(
    'Between two looks at the files, where the system tells of no change.',
  ).default(5),
  cleanup: seconds('Between two rounds of upkeep: leaks, ages, lost requests.').default(60),
  delete: seconds('Until a failed deletion is tried again.').default(5),
  'request-lock-age': seconds('Age at which the lock of a vanished request is removed.').default(
    28_800,
  ),
  'cloud-poll': seconds('Between two listings of a cloud while something is awaited.').default(1),
  resync: seconds('Between two full evaluations of all waiting requests.').default(60),
  'image-check': seconds(
    'Until an image, flavor or network that a cloud does not have is looked for again.',
  ).default(300),
  'build-check': seconds('Builder: between two looks for images that are due.').default(10),
  'upload-check': seconds('Builder: between two looks for uploads that are missing.').default(10),
});

/** A text of a form, which `must` says. */
const formed = (form: RegExp, must: string, about: string) =>
  z.string().regex(form, must).describe(about);

const listOf = (form: RegExp, must: string, about: string) =>
  z.array(z.string().regex(form, must)).describe(about);

const containerSchema = z.strictObject({
  image: text(
    'Image with diskimage-builder and what its elements call: the target `builder` of our Dockerfile, under the name that it was given, or one of your own. Its entry point must end by running what it is given.',
  ).default('nodepool-builder'),
  pull: z
    .enum(['missing', 'always', 'never'])
    .describe(
      'When the image is fetched from its registry: if the daemon lacks it, before each build, or never.',
    )
    .default('missing'),
  host: formed(
    /^(unix:\/\/\/|(tcp|http|https):\/\/[^/])/,
    'must be unix:///path or tcp://host:port',
    'Address of the Docker daemon, or of podman: unix:///path or tcp://host:port. Without it DOCKER_HOST, else unix:///var/run/docker.sock. DOCKER_TLS_VERIFY and DOCKER_CERT_PATH hold for both. A daemon on another machine must see the same folders under the same paths.',
  ).optional(),
  privileged: flag(
    'All rights and, with them, /dev of the host: diskimage-builder mounts, and takes loop devices.',
  ).default(true),
  devices: listOf(
    /^\/[^:]+(:\/[^:]+)?(:[rwm]{1,3})?$/,
    'must be PATH[:PATH-INSIDE][:rwm]',
    'Devices of the host for builds without `privileged`: PATH, or PATH:PATH-INSIDE, or either with :rwm (any of r, w, m).',
  ).default([]),
  mounts: listOf(
    /^\/[^:]+(:\/[^:]+)?(:(ro|rw))?$/,
    'must be PATH[:PATH-INSIDE][:ro], paths from /',
    'Further folders or files of the host, beside images-dir, elements-dir and cache-dir: PATH, or PATH:PATH-INSIDE, or either with :ro. Paths are absolute.',
  ).default([]),
  cpus: fraction('Processors at most, such as 1.5. Without it: all.').min(0.01).optional(),
  memory: whole('MiB of memory at most. Without it: all.').int().min(6).optional(),
  network: text(
    'Network of the container, such as `host`. Without it: the default of the daemon.',
  ).optional(),
  user: text('User or UID[:GID] in the container. Without it: as the image says.').optional(),
});

const builderWebSchema = z.strictObject({
  'listen-address': text(
    'Address to listen on. There is no authentication, and logs of builds may tell secrets.',
  ).default('127.0.0.1'),
  port: whole('Port.').int().min(0).max(65_535).default(8006),
});

const builderSchema = z.strictObject({
  web: builderWebSchema
    .describe(
      "The builder's web server: running builds and uploads, and logs of builds. Read once, at start. The commands that ask builders take the port from here.",
    )
    .prefault({}),
  runner: z
    .enum(['container', 'process'])
    .describe(
      'Where diskimage-builder runs: in a container by Docker or podman, or as a process of the machine of the builder, as Python Nodepool has it.',
    )
    .default('container'),
  container: containerSchema.describe('The container that a build runs in.').prefault({}),
  'cache-dir': formed(
    /^\//,
    'must be a path from /',
    'Folder that diskimage-builder keeps downloads in from build to build (DIB_IMAGE_CACHE). Without it a container keeps none, a process uses ~/.cache/image-create.',
  ).optional(),
  'rebuild-on-change': flag(
    'Build an image anew, before its `rebuild-age`, when what goes into it has changed since its newest build: `dib-cmd`, `elements`, `release`, `env-vars`, the content of elements in `elements-dir`, the image of the container. Only builds that this builder has made are looked at.',
  ).default(true),
});

export const extensionsSchema = z.strictObject({
  zookeeper: z
    .strictObject({
      'verify-hostname': flag(
        'Compare the host name of ZooKeeper servers with their certificates.',
      ).default(false),
    })
    .describe('The connection to ZooKeeper.')
    .prefault({}),
  log: z
    .strictObject({
      format: z.enum(['text', 'json']).describe('Form of log lines.').default('text'),
    })
    .describe('The log.')
    .prefault({}),
  intervals: intervalsSchema
    .describe('Periods in seconds. Environment variables NODEPOOL_INTERVAL_* win.')
    .prefault({}),
  'stop-grace': fraction('Seconds that SIGTERM leaves running launches to reach a safe point.')
    .min(0)
    .default(30),
  web: z
    .strictObject({
      'admin-token-file': formed(
        /^\//,
        'must be a path from /',
        'File with the token that lets operators act on the pages of the launcher: hold and delete nodes, pause and build images. One word, best of 32 random characters; readable by the launcher alone. It is read again when it changes. The environment variable NODEPOOL_ADMIN_TOKEN stands over it. Without either all pages are read-only.',
      ).optional(),
    })
    .describe("The launcher's web server, beside what `webapp` says.")
    .prefault({}),
  'upload-workers': whole('Builder: uploads at once. NODEPOOL_UPLOAD_WORKERS stands over it.')
    .int()
    .min(0)
    .default(4),
  builder: builderSchema.describe('How the builder runs diskimage-builder.').prefault({}),
  drivers: free(
    'Options for drivers that Python Nodepool has none for, by driver name. `module` is where a driver from outside the tree is: a path from the folder of nodepool.yaml, or an npm package that is installed there.',
  ).default({}),
});

export type ExtensionsSection = z.output<typeof extensionsSchema>;
