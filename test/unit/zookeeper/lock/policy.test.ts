import assert from 'node:assert/strict';
import {
  firstContender,
  policies,
  predecessorOf,
  type LockKind,
} from '../../../../shared/zookeeper/lock/policy.ts';

const predecessor = (kind: LockKind, own: string, others: readonly string[]): string | undefined =>
  predecessorOf(policies[kind], own, [own, ...others]);

describe('the order of a lock', () => {
  it('gives the lock to the lowest number, whatever the prefix', () => {
    assert.equal(
      predecessor('exclusive', 'ff__lock__0000000001', ['aa__lock__0000000002']),
      undefined,
    );
    assert.equal(
      predecessor('exclusive', 'aa__lock__0000000002', ['ff__lock__0000000001']),
      'ff__lock__0000000001',
    );
  });

  it('waits for the nearest in front, not for those behind', () => {
    const others = ['a__lock__0000000001', 'b__lock__0000000003', 'c__lock__0000000009'];
    assert.equal(predecessor('exclusive', 'x__lock__0000000007', others), 'b__lock__0000000003');
  });

  it('counts every child that ends like a lock child, and no other', () => {
    const strange = ['', 'kazoo.', 'x__lock__0000000001__', '-'].map(
      (one) => `${one}__lock__0000000001`,
    );
    for (const one of strange)
      assert.equal(predecessor('exclusive', 'x__lock__0000000002', [one]), one);
    const foreign = ['_c_x-lock-0000000001', 'a__lock__1', 'a__lock__00000000001x', 'lock'];
    assert.equal(predecessor('exclusive', 'x__lock__0000000002', foreign), undefined);
  });

  it('puts numbers of an overflown counter in front, as kazoo does', () => {
    assert.equal(
      predecessor('exclusive', 'x__lock__0000000002', ['a__lock__-2147483647']),
      'a__lock__-2147483647',
    );
    assert.equal(
      predecessor('exclusive', 'x__lock__-2147483647', ['a__lock__0000000001']),
      undefined,
    );
  });

  const reader = 'r__rlock__0000000001';
  const writer = 'w__lock__0000000001';
  for (const [kind, own, other, waits] of [
    ['read', 'x__rlock__0000000002', reader, false],
    ['read', 'x__rlock__0000000002', writer, true],
    ['write', 'x__lock__0000000002', reader, true],
    ['write', 'x__lock__0000000002', writer, true],
    ['exclusive', 'x__lock__0000000002', reader, false],
    ['exclusive', 'x__lock__0000000002', writer, true],
  ] as const)
    it(`lets a contender for ${kind} ${waits ? 'wait for' : 'ignore'} ${other}`, () => {
      assert.equal(predecessor(kind, own, [other]), waits ? other : undefined);
    });

  it('names the first of all who want the lock, and nobody else', () => {
    const children = ['b__lock__0000000010', 'z__rlock__0000000009', 'a__lock__0000000011', 'junk'];
    assert.equal(firstContender(children), 'z__rlock__0000000009');
    assert.equal(firstContender(['junk']), undefined);
  });
});
