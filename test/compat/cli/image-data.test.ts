/**
 * Image data exported by one kind of Nodepool and imported by the other. Skipped where there is no Python
 * Nodepool.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILDS, putImages, uploadsOf } from '../../support/cli-images.ts';
import { CliSite, type Output } from '../../support/cli-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';

type Kind = 'python' | 'ours';

describe('image data, of Python’s command and of ours', () => {
  let peers: Peers;
  let source: CliSite;
  let target: CliSite;

  before(async function () {
    peers = await peersOrSkip(this);
    source = await CliSite.make();
    await putImages(source);
  });
  beforeEach(async () => {
    target = await CliSite.make();
  });
  afterEach(() => target.close());
  after(async () => {
    await (source as CliSite | undefined)?.close();
  });

  const run = async (kind: Kind, site: CliSite, ...args: string[]): Promise<Output> => {
    const output = await (kind === 'ours' ? site.ours(...args) : site.theirs(peers, ...args));
    assert.equal(output.code, 0, output.err);
    assert.equal(output.out, '');
    return output;
  };

  const fileOf = (kind: Kind): string => join(source.folder, `${kind}.json`);

  it('are the same bytes', async () => {
    for (const kind of ['python', 'ours'] as const)
      await run(kind, source, 'export-image-data', fileOf(kind));
    const ours = await readFile(fileOf('ours'), 'utf8');
    assert.equal(ours, await readFile(fileOf('python'), 'utf8'));
    // 2 pauses would be wrong as well as none.
    assert.equal(Object.keys(JSON.parse(ours) as object).length, 1 + 7 + 4);
  });

  /** Without what is not exported: requests, and images that have nothing else. */
  const comparable = (tree: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(tree).filter(
        ([path]) => !/\/images\/(noble|focal|empty)\b(?!-)|\/request-build$/.test(path),
      ),
    );

  for (const [exporter, importer] of [
    ['python', 'ours'],
    ['ours', 'python'],
    ['ours', 'ours'],
    ['python', 'python'],
  ] as const)
    it(`go from ${exporter} to ${importer}, also twice`, async () => {
      await run(exporter, source, 'export-image-data', fileOf(exporter));
      for (let times = 1; times <= 2; times++) {
        await run(importer, target, 'import-image-data', fileOf(exporter));
        assert.deepEqual(await target.tree(), comparable(await source.tree()));
      }
    });

  for (const kind of ['python', 'ours'] as const)
    it(`leave room for later uploads when imported by ${kind}`, async () => {
      await run(kind, source, 'export-image-data', fileOf(kind));
      await run(kind, target, 'import-image-data', fileOf(kind));
      for (const [provider, highest] of [
        ['cloud-one', 4],
        ['cloud-two', 3],
      ] as const) {
        const place = uploadsOf('debian-trixie', BUILDS.ready, provider);
        const { path } = await target.client.create(`${place}/`, undefined, {
          mode: 'persistentSequential',
        });
        assert.ok(Number(path.slice(-10)) > highest, path);
      }
    });
});
