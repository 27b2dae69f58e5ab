import assert from 'node:assert/strict';

import type { VpcImage } from '../../../../shared/drivers/ibmvpc/client/model.ts';
import {
  chooseImage,
  usableNames,
  wishText,
  type ImageWish,
} from '../../../../shared/drivers/ibmvpc/image-filter.ts';

function image(id: string, fields: Partial<VpcImage> = {}): VpcImage {
  return {
    ...{ id, name: id, href: undefined, group: { id: 'g' }, status: 'available', reasons: [] },
    ...{ ownerType: 'provider', operatingSystem: {} },
    ...fields,
  };
}

const DEBIAN = {
  ...{ architecture: 'amd64', dedicated_host_only: false, display_name: 'Debian 12 (amd64)' },
  ...{ family: 'Debian GNU/Linux', name: 'debian-12-amd64', vendor: 'Debian', version: '12' },
};

const IMAGES = [
  image('pending', { status: 'pending', operatingSystem: DEBIAN }),
  image('obsolete', { status: 'obsolete', operatingSystem: DEBIAN }),
  image('old', { status: 'deprecated', operatingSystem: { ...DEBIAN, version: '11' } }),
  image('one', { operatingSystem: DEBIAN }),
  image('two', { operatingSystem: DEBIAN }),
  image('ours', { ownerType: 'user', operatingSystem: { ...DEBIAN, dedicated_host_only: true } }),
];

const chosen = (wish: ImageWish): string | undefined => chooseImage(IMAGES, wish)?.id;

describe('the image that is meant', () => {
  for (const [what, filter, id] of [
    ['nothing', {}, 'old'],
    ['the system', { 'operating-system': { version: '12' } }, 'one'],
    [
      'all of the system',
      {
        'operating-system': {
          ...{ architecture: 'amd64', 'display-name': 'Debian 12 (amd64)', vendor: 'Debian' },
          ...{ family: 'Debian GNU/Linux', name: 'debian-12-amd64', version: '12' },
        },
      },
      'one',
    ],
    ['a flag of it', { 'operating-system': { 'dedicated-host-only': true } }, 'ours'],
    ['the owner', { 'owner-type': 'user' }, 'ours'],
    ['the status', { status: 'obsolete' }, 'obsolete'],
    [
      'the system and the owner',
      { 'operating-system': { version: '11' }, 'owner-type': 'user' },
      undefined,
    ],
  ] as const)
    it(`by a filter with ${what} is the first that can be used`, () => {
      assert.equal(chosen({ filter }), id);
    });

  it('by its name is the one that can be used', () => {
    assert.equal(chosen({ name: 'two' }), 'two');
    assert.equal(chosen({ name: 'old' }), 'old');
    assert.equal(chosen({ name: 'obsolete' }), undefined);
    assert.equal(chosen({ name: 'none' }), undefined);
  });

  it('is told of in words', () => {
    const filter = { 'owner-type': 'user', 'operating-system': { version: '12' } };
    assert.equal(wishText({ filter }), 'owner-type: user, operating-system: {"version":"12"}');
    assert.equal(wishText({ filter: {} }), 'anything');
    assert.equal(wishText({ name: 'x' }), 'name: x');
    assert.deepEqual(usableNames(IMAGES), ['old', 'one', 'ours', 'two']);
  });
});
