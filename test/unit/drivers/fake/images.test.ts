import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { hasCode } from '../../../../shared/base/errors.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { FakeImages } from '../../../../shared/drivers/fake/images.ts';

const never = new AbortController().signal;
const upload: ImageUpload = {
  name: 'debian-1',
  image: {
    ...{ name: 'debian', username: undefined, pythonPath: 'auto', shellType: undefined },
    ...{ connectionType: 'ssh', connectionPort: 22, isPaused: false, options: {} },
  },
  file: fileURLToPath(import.meta.url),
  checksums: {},
  metadata: { nodepool_upload_id: '1' },
};

describe('images of the fake cloud', () => {
  it('are listed with their tags until they are deleted', async () => {
    const images = new FakeImages();
    const sizes: number[] = [];
    const onProgress = (sent: number, total: number): void => {
      sizes.push(sent, total);
    };
    const externalId = await images.upload({ ...upload, onProgress }, never);
    assert.ok(sizes.length === 2 && sizes[0] === sizes[1] && sizes[0] !== 0);
    const { name, metadata } = upload;
    assert.deepEqual(await images.list(), [{ externalId, name, metadata }]);
    await images.delete(externalId);
    await images.delete(externalId);
    assert.deepEqual(await images.list(), []);
  });

  it('are none where the file is missing, or nobody wants it any more', async () => {
    const images = new FakeImages();
    await assert.rejects(images.upload({ ...upload, file: '/none' }, never), (error: unknown) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    const stopped = AbortSignal.abort(new Error('stop'));
    await assert.rejects(images.upload(upload, stopped), (error: unknown) =>
      hasCode(error, 'NP_ABORTED'),
    );
    assert.deepEqual(await images.list(), []);
  });
});
