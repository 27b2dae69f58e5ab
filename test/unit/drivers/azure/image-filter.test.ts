import assert from 'node:assert/strict';
import type { Image } from '@azure/arm-compute';

import {
  chooseImage,
  filterText,
  usableNames,
} from '../../../../shared/drivers/azure/image-filter.ts';

const image = (name: string, changes: Partial<Image> = {}): Image => ({
  ...{ name, id: `/images/${name}`, location: 'eastus', provisioningState: 'Succeeded' },
  tags: { os: 'debian', release: '12' },
  ...changes,
});
const IMAGES = [
  image('base-3', { provisioningState: 'Creating' }),
  image('base-1'),
  image('base-2', { tags: { os: 'debian' } }),
  image('win', { location: 'westus', tags: { os: 'windows' } }),
];
IMAGES.push({ name: 'untagged', location: 'eastus', provisioningState: 'Succeeded' });

describe('an image filter', () => {
  const cases: readonly [string, Parameters<typeof chooseImage>[1], string | undefined][] = [
    ['everything', {}, 'win'],
    ['a name', { name: 'base-1' }, 'base-1'],
    ['a name of what is not ready', { name: 'base-3' }, undefined],
    ['a part of a name', { name: 'base' }, undefined],
    ['a location', { location: 'West US' }, 'win'],
    ['a tag: the last by name', { tags: { os: 'debian' } }, 'base-2'],
    ['all of several tags', { tags: { os: 'debian', release: 12 } }, 'base-1'],
    ['a tag that nobody has', { tags: { os: 'none' } }, undefined],
    ['all together', { name: 'win', location: 'eastus', tags: { os: 'windows' } }, undefined],
  ];
  for (const [what, filter, expected] of cases)
    it(`finds by ${what}`, () => {
      assert.equal(chooseImage(IMAGES, filter)?.name, expected);
      assert.equal(chooseImage(IMAGES.toReversed(), filter)?.name, expected);
    });

  it('is said in words', () => {
    assert.equal(filterText({ name: 'a', tags: { b: 1 } }), 'name: a, tags: {"b":1}');
    assert.equal(filterText({}), 'anything');
  });

  it('chooses of those that can be used', () => {
    assert.deepEqual(usableNames(IMAGES), ['base-1', 'base-2', 'untagged', 'win']);
  });
});
