/** What is recorded of a build by a real diskimage-builder in a container of a real Docker. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { BuildLogs } from '../../../builder/build/build-logs.ts';
import { ImageBuilder } from '../../../builder/build/build-image.ts';
import { RunningBuilds } from '../../../builder/build/running-builds.ts';
import { ImageFolder } from '../../../builder/files/image-folder.ts';
import { imageInputs } from '../../../builder/inputs/image-inputs.ts';
import { systemClock as clock } from '../../../shared/base/clock.ts';
import { parseConfig } from '../../../shared/config/parse.ts';
import { ImageWork } from '../../../shared/store/image-work.ts';
import { noMetrics } from '../../../shared/telemetry/metrics.ts';
import { eventually } from '../../support/eventually.ts';
import { StoreWorld } from '../../support/fake-store.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';
import { Docker, dockerOrSkip, IMAGE, stopDocker } from './docker.ts';
import { Site } from './site.ts';

const never = new AbortController().signal;

/** The packages of the container, noted by the script that notes those of images. */
const LISTED = `#!/bin/bash
set -eu
export DIB_MANIFEST_IMAGE_DIR=$TMP_MOUNT_PATH$DIB_MANIFEST_IMAGE_DIR
elements=$(python3 -c 'import diskimage_builder.paths as p; p.show_path("elements")')
bash "$elements/dpkg/finalise.d/99-write-dpkg-manifest"
echo "zuul git /opt/zuul https://me:hunter2@git.example/zuul 0a1b" \\
  > "$DIB_MANIFEST_IMAGE_DIR/dib-manifest-git-$(basename "$IMAGE_NAME")"
`;

interface Sbom {
  readonly components: readonly { readonly name: string; readonly purl?: string }[];
  readonly metadata: { readonly tools: unknown };
}

describe('the record of a build in a container', function () {
  this.timeout(300_000);
  let docker: Docker;
  let site: Site;
  let tag: string;
  before(async function () {
    docker = await dockerOrSkip(this);
  });
  beforeEach(async () => {
    site = await Site.make(docker);
    tag = `dib-${site.builderId}`;
    await docker.command('tag', IMAGE, tag);
    await element('listed/element-deps', 'manifests\n');
    await element('listed/extra-data.d/70-listed', LISTED);
  });
  afterEach(async () => {
    await site.drop();
    await docker.command('rmi', tag);
  });
  after(() => stopDocker());

  async function element(path: string, text: string): Promise<void> {
    const file = join(site.elementsDir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o755);
  }

  function configure() {
    const tiny = {
      ...{ name: 'tiny', elements: ['tiny', 'listed'], 'dib-cmd': 'disk-image-create -n' },
      'env-vars': {
        DIB_JOURNAL_SIZE: '4',
        DIB_SECRET: 'hunter2',
        ELEMENTS_PATH: `${site.elementsDir}:/usr/local/share/dib-elements`,
      },
    };
    const file = {
      'zookeeper-servers': [{ host: 'unused' }],
      diskimages: [tiny],
      extensions: { intervals: { 'build-check': 0.2 } },
      ...{ labels: [], providers: [] },
    };
    return parseConfig({ path: 'x', environment: {}, texts: [JSON.stringify(file)] }).config;
  }

  async function builder() {
    const { client, store } = await StoreWorld.start();
    const lines: string[] = [];
    const config = configure();
    const work = new ImageWork(client, store.images);
    const log = collectingLogger(lines);
    const names = { host: 'host.example', builderId: site.builderId };
    const context = { images: store.images, work, clock, log, metrics: noMetrics, ...names };
    const folder = new ImageFolder(site.imagesDir);
    const runner = site.runner({ settings: { image: tag } });
    const tools = { folder, runner, packageDir: '/ours' };
    const inputs = imageInputs({
      ...{ context, ...tools, config: () => config, version: '1.2', onChange: () => undefined },
    });
    const image = config.diskimages.get('tiny');
    assert.ok(image);
    const images = new ImageBuilder(context, {
      ...{ client, ...tools, running: new RunningBuilds(clock), recorder: inputs.recorder },
      logs: new BuildLogs({ folder: join(site.folder, 'logs'), retention: 7 }),
    });
    const job = { image, formats: ['raw'], elementsDir: undefined, isDue: () => true };
    return { watch: inputs.watch, lines, build: () => images.run(job, never) };
  }

  it('has what went in, packages and checksums; and a change of any is seen', async () => {
    const { watch, lines, build } = await builder();
    const result = await build();
    assert.ok(result.kind === 'ready', lines.join('\n'));
    const { key } = result;
    const beside = (name: string): Promise<string> =>
      readFile(join(site.imagesDir, `tiny-${key.build}.d`, name), 'utf8');
    const environment = await beside('dib-manifests/dib_environment');
    assert.match(environment, /hunter2/, 'diskimage-builder keeps it');

    const inputs = JSON.parse(await beside('inputs.json')) as {
      used: unknown;
      inputs: { place: string; folders: object };
    };
    assert.deepEqual(inputs.used, ['listed', 'manifests', 'tiny']);
    assert.deepEqual(Object.keys(inputs.inputs.folders), ['listed']);
    const id = await docker.command('image', 'inspect', '-f', '{{.Id}}', tag);
    assert.equal(inputs.inputs.place, `image ${id}`);

    const text = await beside('sbom.cdx.json');
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(text), null);
    const { components, metadata } = JSON.parse(text) as Sbom;
    assert.match(JSON.stringify(metadata.tools), /"diskimage-builder","version":"3\./);
    assert.ok(components.length > 100);
    const bash = components.find(({ name }) => name === 'bash');
    assert.match(bash?.purl ?? '', /^pkg:deb\/debian\/bash@5[^?]+\?arch=\w+$/);
    assert.ok(components.some(({ purl }) => purl === 'pkg:generic/zuul@0a1b'));

    const [sums] = JSON.parse(await beside('checksums.json')) as { sha256: string }[];
    const noted = await readFile(join(site.imagesDir, `tiny-${key.build}.raw.sha256`), 'utf8');
    assert.equal(sums?.sha256, noted.slice(0, 64));
    for (const name of ['inputs.json', 'sbom.cdx.json', 'checksums.json'])
      assert.doesNotMatch(await beside(name), /hunter2/, name);
    assert.doesNotMatch(lines.join('\n'), /hunter2|not recorded/);

    watch.changed();
    const isOutdated = () => watch.outdated('tiny') === key.build;
    const told = () => lines.filter((line) => line.includes('has changed')).join('\n');
    try {
      await element('listed/note', 'new');
      await eventually(isOutdated);
      assert.match(told(), /"changes":"element listed"/, 'that and nothing else');
      const container = await docker.command('create', '--network=host', tag);
      const other = await docker.command('commit', '--change', 'ENV OTHER=1', container, tag);
      await docker.command('rm', container);
      await writeFile(join(site.elementsDir, 'listed/note'), 'newer');
      const second = await build();
      assert.ok(second.kind === 'ready');
      await eventually(() => watch.outdated('tiny') === undefined);
      await docker.command('tag', IMAGE, tag);
      await eventually(() => watch.outdated('tiny') === second.key.build);
      assert.match(told(), /"changes":"what diskimage-builder runs in"/);
      await docker.command('rmi', other);
    } finally {
      await watch.stop();
    }
  });
});
