import assert from 'node:assert/strict';

import {
  microversionFor,
  microversionHeaders,
} from '../../../../../shared/drivers/openstack/client/microversion.ts';

const range = { min: '2.1', max: '2.93' };

describe('the microversion of a call', () => {
  it('is the wanted one, or the nearest that the service speaks', () => {
    assert.equal(microversionFor('2.47', range, undefined), '2.47');
    assert.equal(microversionFor('2.100', range, undefined), '2.93');
    assert.equal(microversionFor('2.9', { min: '2.10', max: '2.93' }, undefined), '2.10');
    assert.equal(microversionFor('3.1', range, undefined), '2.93');
  });

  it('is none where none is wanted or the service knows none', () => {
    assert.equal(microversionFor(undefined, range, undefined), undefined);
    assert.equal(microversionFor('2.47', undefined, undefined), undefined);
  });

  it('is that of the configuration, whatever is wanted', () => {
    assert.equal(microversionFor('2.47', range, '2.60'), '2.60');
    assert.equal(microversionFor(undefined, undefined, 'latest'), 'latest');
  });

  it('is asked for in the words of the service', () => {
    assert.deepEqual(microversionHeaders('compute', '2.3'), {
      'openstack-api-version': 'compute 2.3',
      'x-openstack-nova-api-version': '2.3',
    });
    assert.deepEqual(microversionHeaders('block-storage', '3.50'), {
      'openstack-api-version': 'volume 3.50',
    });
    assert.deepEqual(microversionHeaders('compute', undefined), {});
  });
});
