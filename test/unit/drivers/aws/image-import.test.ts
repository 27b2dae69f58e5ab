import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  begin,
  madeIn,
  METADATA,
  never,
  NOTHING,
  ONE_IMAGE,
  storeSubject,
  turned,
  uploadOf,
  type Method,
  type StoreOptions,
} from './image-subject.ts';

const BYTES = Buffer.from('the disk');
const IMPORTS = ['snapshot', 'image'] as const satisfies readonly Method[];
const CALLS = { snapshot: 'ImportSnapshot', image: 'ImportImage' } as const;

describe('an import into AWS', function () {
  this.timeout(60_000);
  let folder = '';
  let file = '';
  before(async () => {
    await begin();
    folder = await mkdtemp(join(tmpdir(), 'aws-import-'));
    file = join(folder, 'image');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  function subject(method: (typeof IMPORTS)[number], options: StoreOptions = {}) {
    const made = storeSubject(options);
    /** Of so many at once, each with an id of its own. */
    const uploads = (count = 1) =>
      Array.from({ length: count }, (_, at) =>
        made.store.upload(
          uploadOf(file, BYTES, method, {
            name: `debian-${at}`,
            metadata: { ...METADATA, nodepool_upload_id: String(at) },
          }),
          never(),
        ),
      );
    const count = (call: string) => made.cloud.calls.filter((one) => one === call).length;
    return { ...made, uploads, count, made: () => madeIn(made) };
  }

  for (const method of IMPORTS) {
    it(`that fails says why, and leaves nothing: ${method}`, async () => {
      const { cloud, clock, uploads, made } = subject(method);
      cloud.imports.failure = 'ClientError: Unknown OS / Missing OS files.';
      await assert.rejects(turned(clock, Promise.all(uploads())), {
        code: 'NP_CLOUD_TRANSIENT',
        message: /import-\w+-\w+ is deleted: ClientError: Unknown OS/,
      });
      assert.deepEqual(made(), NOTHING);
    });

    it(`that AWS does not take fails at once where nothing is configured: ${method}`, async () => {
      const { cloud, clock, uploads, made } = subject(method);
      cloud.limits = { importTasks: 0 };
      await assert.rejects(turned(clock, Promise.all(uploads())), { code: 'NP_CLOUD_QUOTA' });
      assert.equal(cloud.calls.filter((call) => call === CALLS[method]).length, 1);
      assert.deepEqual(made(), NOTHING);
    });

    it(`that AWS does not take is tried until image-import-timeout: ${method}`, async () => {
      const { cloud, clock, uploads, made, count } = subject(method, { importTimeoutSeconds: 100 });
      cloud.limits = { importTasks: 0 };
      await assert.rejects(turned(clock, Promise.all(uploads())), { code: 'NP_CLOUD_QUOTA' });
      // At 0, 30, 60, 90 and 120 seconds.
      assert.equal(count(CALLS[method]), 5);
      assert.deepEqual(made(), NOTHING);
    });

    it(`that AWS does not take is taken later: ${method}`, async () => {
      const { cloud, clock, uploads, made, lines } = subject(method, { importTimeoutSeconds: 100 });
      cloud.limits = { importTasks: 0 };
      cloud.onCall = () => {
        if (clock.monotonic() > 50_000) cloud.limits = {};
      };
      await turned(clock, Promise.all(uploads()));
      assert.deepEqual(made(), ONE_IMAGE);
      assert.equal(lines.filter(({ level }) => level === 'warn').length, 2);
    });

    it(`stands in line with others for AWS's limit: ${method}`, async () => {
      const { cloud, clock, uploads, count } = subject(method, {
        ...{ importTimeoutSeconds: 3600, importSeconds: 100 },
      });
      cloud.limits = { importTasks: 1 };
      await turned(clock, Promise.all(uploads(5)));
      assert.equal(cloud.counts.images, 5);
      // Each 30 s for one hundred seconds an import, whoever waits.
      assert.ok(count(CALLS[method]) <= 5 * 6, String(count(CALLS[method])));
    });

    it(`is looked at together with others: ${method}`, async () => {
      const call =
        method === 'snapshot' ? 'DescribeImportSnapshotTasks' : 'DescribeImportImageTasks';
      const looks = async (uploadsAtOnce: number): Promise<number> => {
        const { clock, uploads, count } = subject(method, { importSeconds: 200 });
        await turned(clock, Promise.all(uploads(uploadsAtOnce)));
        return count(call);
      };
      const [one, ten] = [await looks(1), await looks(10)];
      assert.ok(ten <= one + 2, `${one} looks at one, ${ten} at ten`);
    });

    it(`is cancelled by its id where AWS does not show it yet: ${method}`, async () => {
      const { clock, cloud, store, made } = subject(method, { lagSeconds: 3000 });
      const controller = new AbortController();
      cloud.onCall = (call) => {
        if (/^Describe.*Tasks$/.test(call)) controller.abort();
      };
      const uploading = store.upload(uploadOf(file, BYTES, method), controller.signal);
      await assert.rejects(turned(clock, uploading), { code: 'NP_ABORTED' });
      await clock.advance(4000_000);
      assert.deepEqual(made(), NOTHING);
    });

    it(`has failed where AWS forgets it: ${method}`, async () => {
      const { clock, cloud, uploads, made } = subject(method);
      cloud.hold('create');
      cloud.onCall = () => {
        if (clock.monotonic() < 100_000) return;
        for (const { id } of cloud.imports.running) cloud.imports.tasks.delete(id);
      };
      const expected = { code: 'NP_CLOUD_TRANSIENT', message: /does not know it any more/ };
      await assert.rejects(turned(clock, Promise.all(uploads())), expected);
      assert.ok(clock.monotonic() > 600_000);
      assert.deepEqual(made(), NOTHING);
    });

    it(`tells how far it is: ${method}`, async () => {
      const { clock, uploads, lines } = subject(method);
      await turned(clock, Promise.all(uploads()));
      const told = lines
        .filter(({ message }) => message === 'import')
        .map(({ fields }) => [fields?.image, fields?.status, fields?.progress, fields?.words]);
      assert.deepEqual(told, [
        ['debian-0', 'active', method === 'snapshot' ? '3' : '19', 'pending'],
        ['debian-0', 'completed', '', ''],
      ]);
    });

    it(`is an image though its tags or its object give trouble: ${method}`, async () => {
      for (const call of ['CreateTags', 'DeleteObject']) {
        const { cloud, clock, uploads, lines } = subject(method);
        cloud.arm({ call, mode: 'fail', status: 403, code: 'AccessDenied' });
        await turned(clock, Promise.all(uploads()));
        assert.equal(cloud.counts.images, 1);
        assert.equal(lines.filter(({ level }) => level === 'warn').length, 1);
      }
    });
  }
});
