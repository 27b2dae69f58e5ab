import assert from 'node:assert/strict';

import { isMoreThanAll } from '../../../../../shared/drivers/pods/client/quota-words.ts';

const words = (requested: string, used: string, limited: string): string =>
  `pods "a" is forbidden: exceeded quota: all, requested: ${requested}, used: ${used}, limited: ${limited}`;

describe('the words of a quota', () => {
  it('tell whether waiting is of use', () => {
    assert.equal(isMoreThanAll(words('pods=1', 'pods=9', 'pods=9')), false);
    assert.equal(isMoreThanAll(words('cpu=1500m', 'cpu=1', 'cpu=2')), false);
    assert.equal(isMoreThanAll(words('cpu=2', 'cpu=0', 'cpu=1500m')), true);
    assert.equal(
      isMoreThanAll(words('pods=1,memory=2Gi', 'pods=0,memory=0', 'pods=9,memory=1Gi')),
      true,
    );
    assert.equal(
      isMoreThanAll(words('pods=1,memory=1Gi', 'pods=9,memory=0', 'pods=9,memory=1Gi')),
      false,
    );
  });

  it('of a namespace that is closed say nothing of that', () => {
    assert.equal(isMoreThanAll(words('pods=1', 'pods=0', 'pods=0')), false);
  });

  it('tell nothing where they are others', () => {
    assert.equal(isMoreThanAll(words('gpu=many', 'gpu=0', 'gpu=1')), false);
    assert.equal(isMoreThanAll(words('pods=1', 'pods=0', '')), false);
    assert.equal(isMoreThanAll('cannot create more than 2 project(s).'), false);
    assert.equal(isMoreThanAll(''), false);
  });
});
