import assert from 'node:assert/strict';

import { CloudError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { StoredObject } from '../../../../shared/drivers/aws/client/storage.ts';
import { objectKey } from '../../../../shared/drivers/aws/image-names.ts';
import { ObjectTags } from '../../../../shared/drivers/aws/object-tags.ts';

const signal = new AbortController().signal;
const TAGS = {
  nodepool_provider_name: 'one',
  nodepool_build_id: 'b',
  nodepool_upload_id: '0000000001',
};

function subject(
  tags: Record<string, Record<string, string> | undefined> = {},
  troubles: Record<string, Error> = {},
) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => warnings.push(message) };
  let [running, most] = [0, 0];
  const storage = {
    tags: async (_: string, key: string) => {
      asked.push(key);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      const trouble = troubles[key];
      if (trouble !== undefined) throw trouble;
      return key in tags ? tags[key] : {};
    },
  };
  const objectTags = new ObjectTags({ storage, bucket: 'bucket', provider: 'one', log });
  return {
    asked,
    warnings,
    most: () => most,
    of: (all: StoredObject[]) => objectTags.of(all, signal),
  };
}

const object = (key: string, version = 'v1'): StoredObject => ({ key, version });

describe('tags of objects', () => {
  it('are told by the key of ours, without a call', async () => {
    const { of, asked } = subject();
    const ours = objectKey(TAGS, 'debian.raw');
    const theirs = objectKey({ ...TAGS, nodepool_provider_name: 'one-b' }, 'debian.raw');
    assert.deepEqual([...(await of([object(ours), object(theirs)]))], [[ours, TAGS]]);
    assert.deepEqual(asked, []);
  });

  it('are asked for once for those of Python Nodepool, and again when they have changed', async () => {
    const { of, asked } = subject({ 'debian-17.raw': TAGS, 'a.vhd': { owner: 'me' } });
    const all = [object('debian-17.raw'), object('a.vhd'), object('readme.txt')];
    const expected = [
      ['debian-17.raw', TAGS],
      ['a.vhd', { owner: 'me' }],
    ];
    assert.deepEqual([...(await of(all))], expected);
    assert.deepEqual([...(await of(all))], expected);
    assert.deepEqual(asked, ['debian-17.raw', 'a.vhd']);
    await of([object('debian-17.raw', 'v2'), object('a.vhd')]);
    assert.deepEqual(asked, ['debian-17.raw', 'a.vhd', 'debian-17.raw']);
  });

  it('are asked for some at a time, in a bucket that is full', async () => {
    const { of, asked, most } = subject();
    const all = Array.from({ length: 450 }, (_, at) => object(`${at}.raw`));
    assert.equal((await of(all)).size, 200);
    assert.ok(most() <= 10);
    await of(all);
    assert.equal((await of(all)).size, 450);
    await of(all);
    assert.equal(asked.length, 450);
  });

  it('are none of an object that is gone meanwhile', async () => {
    const { of } = subject({ 'a.raw': undefined });
    assert.deepEqual([...(await of([object('a.raw')]))], []);
  });

  it('are asked for again where S3 failed, and not where we may not see them', async () => {
    const troubles: Record<string, Error> = {
      'a.raw': new CloudError('NP_CLOUD_TRANSIENT', 'away', { labels: ['retryable'] }),
      'b.raw': new CloudError('NP_CLOUD_FATAL', 'denied'),
      'd.raw': new CloudError('NP_CLOUD_FATAL', 'denied'),
    };
    const { of, asked, warnings } = subject({ 'a.raw': TAGS }, troubles);
    const all = [object('a.raw'), object('b.raw'), object('c.raw'), object('d.raw')];
    assert.deepEqual([...(await of(all)).keys()], ['b.raw', 'c.raw', 'd.raw']);
    delete troubles['a.raw'];
    asked.length = 0;
    assert.deepEqual((await of(all)).get('a.raw'), TAGS);
    assert.deepEqual(asked, ['a.raw']);
    assert.equal(warnings.length, 1);
  });
});
