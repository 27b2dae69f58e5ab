import assert from 'node:assert/strict';
import type { UploadRecord } from '../../../../schemas/records/image.ts';
import { alienImages } from '../../../../shared/cli/provider/alien-images.ts';
import type { StoredImage } from '../../../../shared/drivers/driver.ts';
import type { UploadView } from '../../../../shared/web/source.ts';

const image = (externalId: string, metadata: Record<string, string> = {}): StoredImage => ({
  externalId,
  name: `image ${externalId}`,
  metadata,
});
const ours = { nodepool_build_id: 'b1', nodepool_upload_id: '0000000001' };
const upload = (fields: Partial<UploadRecord>, key = {}): UploadView => ({
  ...{ image: 'debian', build: 'b1', provider: 'cloud', upload: '0000000001', ...key },
  record: { state: 'ready', state_time: 0, external_id: 'a', ...fields } as UploadRecord,
});

describe('alien images', () => {
  const aliens = (images: readonly StoredImage[], uploads: readonly UploadView[]): string[] =>
    alienImages(images, uploads).map(({ externalId }) => externalId);

  it('are those with our tags that no upload has, in the order of the cloud', () => {
    const images = [image('z', ours), image('a', ours), image('b', ours), image('other')];
    assert.deepEqual(aliens(images, [upload({})]), ['z', 'b']);
  });

  it('are not those of other providers of the same cloud', () => {
    assert.deepEqual(aliens([image('a', ours)], [upload({}, { provider: 'second' })]), []);
  });

  for (const state of ['ready', 'deleting', 'failed'] as const)
    it(`are not those whose upload is ${state}`, () => {
      assert.deepEqual(aliens([image('a', ours)], [upload({ state })]), []);
    });

  it('are not those that are being uploaded, which only their tags tell', () => {
    const uploading = upload({ state: 'uploading', external_id: null });
    const other = { ...ours, nodepool_upload_id: '0000000002' };
    assert.deepEqual(aliens([image('a', ours), image('b', other)], [uploading]), ['b']);
  });

  it('are those that failed uploads have left, as far as no record has their id', () => {
    const failed = upload({ state: 'failed', external_id: null });
    assert.deepEqual(aliens([image('a', ours)], [failed]), ['a']);
  });

  it('are those of old times, which have no upload’s number', () => {
    const uploading = upload({ state: 'uploading', external_id: null });
    assert.deepEqual(aliens([image('a', { nodepool_build_id: 'b1' })], [uploading]), ['a']);
  });
});
