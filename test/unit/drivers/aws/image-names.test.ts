import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  isOfSameUpload,
  isOfUpload,
  keyPrefix,
  objectId,
  objectKey,
  objectTags,
  placeOf,
  tagsOfKey,
} from '../../../../shared/drivers/aws/image-names.ts';

const WHOSE = {
  nodepool_provider_name: 'aws-us',
  nodepool_build_id: '0000000007',
  nodepool_upload_id: '0000000001',
};

describe('names of what an upload makes in AWS', () => {
  it('are keys that end with what the original calls the object', () => {
    assert.equal(
      objectKey({ ...WHOSE, other: 'x' }, 'debian-1700000000.raw'),
      'nodepool/aws-us/0000000007/0000000001/debian-1700000000.raw',
    );
  });

  it('are keys that tell whose they are, whatever stands in them', () => {
    fc.assert(
      fc.property(
        ...([fc.string({ minLength: 1 }), fc.string({ minLength: 1 })] as const),
        fc.string({ minLength: 1 }),
        (provider, build, name) => {
          const tags = { ...WHOSE, nodepool_provider_name: provider, nodepool_build_id: build };
          const key = objectKey(tags, name);
          assert.deepEqual(tagsOfKey(key), tags);
          assert.ok(key.startsWith(keyPrefix(provider)));
          assert.deepEqual(placeOf(objectId('bucket', key)), { bucket: 'bucket', key });
        },
      ),
    );
  });

  for (const key of ['debian.raw', 'nodepool/a/b/debian.raw', 'other/a/b/c/d', 'nodepool/a/b/c/'])
    it(`are not those of others: ${key}`, () => {
      assert.ok(tagsOfKey(key) === undefined);
    });

  it('do not begin as those of a provider whose name is longer', () => {
    const tags = { ...WHOSE, nodepool_provider_name: 'aws-us-two' };
    assert.ok(!objectKey(tags, 'x').startsWith(keyPrefix('aws-us')));
  });

  it('are of one upload if all of its tags are the same', () => {
    assert.ok(isOfSameUpload(WHOSE, { ...WHOSE, more: 'x' }));
    for (const tag of Object.keys(WHOSE)) {
      assert.ok(!isOfSameUpload(WHOSE, { ...WHOSE, [tag]: 'other' }));
      const less = Object.fromEntries(Object.entries(WHOSE).filter(([key]) => key !== tag));
      assert.ok(!isOfUpload(less));
      assert.ok(!isOfSameUpload(less, less));
    }
    assert.ok(isOfUpload(WHOSE));
  });

  it('are at most ten tags of an object, of characters that S3 takes, those that tell whose first', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`tag${at}`, 'v']));
    const tags = objectTags({ bad: 'a\nb', 'b(d': 'x', ...many, ...WHOSE, ümlaut: 'a b+c@d' });
    assert.equal(Object.keys(tags).length, 10);
    assert.ok(isOfSameUpload(tags, WHOSE));
    assert.ok(!('bad' in tags) && !('b(d' in tags));
    assert.deepEqual(objectTags({ ümlaut: 'a b+c@d' }), { ümlaut: 'a b+c@d' });
  });
});
