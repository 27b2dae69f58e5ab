import assert from 'node:assert/strict';

import { externalIdOf, placesOf, podName } from '../../../../shared/drivers/openshiftpods/ids.ts';

const node = '0000000001';

describe('openshiftpods: ids', () => {
  it('are the original’s for the first attempt', () => {
    const name = podName('small', node, 1);
    assert.equal(externalIdOf({ namespace: 'main', name }), 'main-small-0000000001');
    assert.equal(podName('small', node, 2), 'small-0000000001-2');
  });

  it('say where a pod is, by the pools', () => {
    const places = placesOf('main-small-0000000001', ['other', 'main']);
    assert.deepEqual(places, [{ namespace: 'main', name: 'small-0000000001' }]);
  });

  it('may be of two pools, one of whose names begins with the other', () => {
    assert.deepEqual(placesOf('a-b-small-0000000001', ['a', 'a-b', 'a-b-c']), [
      { namespace: 'a-b', name: 'small-0000000001' },
      { namespace: 'a', name: 'b-small-0000000001' },
    ]);
  });

  it('are looked for at each dash where the pool has gone', () => {
    assert.deepEqual(
      placesOf('a-b-0000000001', ['main']).map(({ namespace }) => namespace),
      ['a', 'a-b'],
    );
  });

  it('of a form that is none of ours are nowhere', () => {
    for (const id of ['', '..', 'a/b', 'main', 'main-', '-', { host: 'h', instance: null }])
      assert.deepEqual(placesOf(id, ['main']), [], JSON.stringify(id));
  });
});
