import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  componentRoot,
  idOf,
  nodeLockPath,
  nodePath,
  parseRequestId,
  parseUploadPath,
  requestLockPath,
  requestPath,
} from '../../../shared/store/paths.ts';

describe('paths', () => {
  it('are those of the original and of Zuul', () => {
    assert.equal(requestPath('100-0000000001'), '/nodepool/requests/100-0000000001');
    assert.equal(requestLockPath('100-0000000001'), '/nodepool/requests-lock/100-0000000001');
    assert.equal(nodePath('0000000001'), '/nodepool/nodes/0000000001');
    assert.equal(nodeLockPath('0000000001'), '/nodepool/nodes/0000000001/lock');
    assert.equal(componentRoot('pool'), '/nodepool/components/pool');
  });

  it('end with the id', () => {
    assert.equal(idOf(nodePath('0000000001')), '0000000001');
    assert.equal(idOf('alone'), 'alone');
  });
});

describe('parseRequestId', () => {
  it('tells priority and sequence', () => {
    assert.deepEqual(parseRequestId('100-0000000042'), {
      priority: '100',
      sequence: '0000000042',
    });
  });

  for (const id of [
    '',
    'lock',
    '100',
    '100-',
    '-0000000001',
    '100-1',
    '100-00000000011',
    'x-0000000001',
    '100-0000000001\n',
  ]) {
    it(`answers undefined for ${JSON.stringify(id)}`, () => {
      assert.equal(parseRequestId(id), undefined);
    });
  }

  it('understands every id that a server makes', () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(2 ** 31 - 1), (priority, sequence) => {
        const padded = String(sequence).padStart(10, '0');
        assert.deepEqual(parseRequestId(`${priority}-${padded}`), {
          priority: String(priority),
          sequence: padded,
        });
      }),
    );
  });
});

describe('parseUploadPath', () => {
  const upload = '/nodepool/images/debian/builds/0000000001/providers/cloud/images/0000000002';

  it('tells what is uploaded and to where', () => {
    assert.deepEqual(parseUploadPath(upload), {
      ...{ image: 'debian', build: '0000000001', provider: 'cloud', upload: '0000000002' },
    });
  });

  for (const path of [
    '/nodepool/images/debian',
    '/nodepool/images/debian/builds/0000000001',
    '/nodepool/images/debian/builds/0000000001/providers/cloud/images/lock',
    `${upload}/lock`,
    `/other${upload}`,
  ]) {
    it(`answers undefined for ${path}`, () => {
      assert.equal(parseUploadPath(path), undefined);
    });
  }
});
