import assert from 'node:assert/strict';

import fc from 'fast-check';

import { hasCode } from '../../../../shared/base/errors.ts';
import {
  assertImageName,
  isOfImage,
  isOfSameUpload,
  keyOfId,
  keyPrefix,
  objectId,
  objectKey,
  tagsOfKey,
} from '../../../../shared/drivers/ibmvpc/image-names.ts';

const tagsOf = (provider: string, build: string, upload: string) => ({
  nodepool_provider_name: provider,
  nodepool_build_id: build,
  nodepool_upload_id: upload,
});

const provider = fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/);
const build = fc.oneof(fc.stringMatching(/^[0-9a-f]{32}$/), fc.stringMatching(/^\d{10}$/));
const upload = fc.stringMatching(/^\d{10}$/);

describe('names of what uploads make in ibmvpc', () => {
  it('tell whose a file is', () => {
    fc.assert(
      fc.property(provider, build, upload, (p, b, u) => {
        const name = `npimage-${b}-${u}`;
        const tags = tagsOf(p, b, u);
        assertImageName(name, tags);
        const key = objectKey(p, name, 'qcow2');
        assert.deepEqual(tagsOfKey(key), tags);
        assert.ok(isOfSameUpload(tagsOfKey(key), tags));
        assert.ok(key.startsWith(keyPrefix(p)));
        assert.ok(isOfImage(key, p, name));
        assert.equal(keyOfId(objectId('images', key), 'images'), key);
      }),
    );
  });

  it('tell Python Nodepool nothing, which takes what it can read for a leak', () => {
    // Facts: UPLOAD_RE of nodepool/driver/ibmvpc/adapter.py.
    const pythons = /^npimage([0-9]+)(.*?)/;
    fc.assert(
      fc.property(provider, build, upload, (p, b, u) => {
        const name = `npimage-${b}-${u}`;
        assert.doesNotMatch(name, pythons);
        assert.doesNotMatch(objectKey(p, name, 'qcow2'), pythons);
      }),
    );
  });

  it('of files that are nobody’s tell of no upload', () => {
    for (const key of ['a', 'a/b', 'npimages_one/other.qcow2', 'npimage0000000001.qcow2', ''])
      assert.equal(isOfSameUpload(tagsOfKey(key), tagsOfKey(key)), false, key);
  });

  it('of an image fit its own files, and those that Python has named', () => {
    const name = 'npimage0000000001';
    assert.ok(isOfImage('npimage0000000001.qcow2', 'one', name));
    assert.ok(!isOfImage('npimage00000000010.qcow2', 'one', name));
    assert.ok(!isOfImage('npimages_two/npimage0000000001.qcow2', 'one', name));
  });

  it('that are no id of an object in the bucket are ids of images', () => {
    assert.equal(keyOfId('r006-0123', 'images'), undefined);
    assert.equal(keyOfId('cos://others/a', 'images'), undefined);
  });

  for (const name of ['npimage0000000001', 'npimage-B-1', `npimage-${'b'.repeat(60)}-1`, 'x'])
    it(`are refused where they are none: ${name.slice(0, 20)}`, () => {
      const [, b = 'B', u = '1'] = /^npimage-(.*)-(\d+)$/.exec(name) ?? [];
      assert.throws(
        () => {
          assertImageName(name, tagsOf('one', b, u));
        },
        (error) => hasCode(error, 'NP_CLOUD_FATAL'),
      );
    });
});
