import assert from 'node:assert/strict';

import { NodepoolError } from '../../../../shared/base/errors.ts';
import { chooseTarget, type KnownNames } from '../../../../shared/cli/drain/target.ts';

const known: KnownNames = {
  provider: new Set(['cloud', 'both']),
  launcher: new Set(['host-a', 'both']),
};

function refusal(name: string, among: KnownNames = known): string {
  try {
    chooseTarget(name, undefined, among);
  } catch (error) {
    assert.ok(error instanceof NodepoolError);
    assert.equal(error.code, 'NP_DRAIN_TARGET');
    return `${error.message}; ${error.hint ?? ''}`;
  }
  throw new Error('it was chosen');
}

describe('the target of a drain', () => {
  it('is what has the name', () => {
    assert.deepEqual(chooseTarget('cloud', undefined, known), { kind: 'provider', name: 'cloud' });
    assert.deepEqual(chooseTarget('host-a', undefined, known), {
      ...{ kind: 'launcher', name: 'host-a' },
    });
  });

  it('is not guessed where a provider and a launcher have the name', () => {
    assert.match(refusal('both'), /is a provider and a launcher; .*--provider or --launcher/);
    assert.equal(chooseTarget('both', 'launcher', known).kind, 'launcher');
    assert.equal(chooseTarget('both', 'provider', known).kind, 'provider');
  });

  it('may be one that is not there yet, if somebody says what it is', () => {
    assert.deepEqual(chooseTarget('new', 'provider', known), { kind: 'provider', name: 'new' });
  });

  it('is told to who has misspelt it', () => {
    assert.match(refusal('clout'), /there is no provider or launcher clout; did you mean cloud\?/);
    assert.match(refusal('x'), /known are cloud, both, host-a, both; /);
    const many = { provider: new Set(Array.from({ length: 50 }, (_, at) => `provider-${at}`)) };
    assert.match(refusal('x', { ...many, launcher: new Set() }), /, and 30 more; /);
    assert.match(refusal('x', { provider: new Set(), launcher: new Set() }), /none is known/);
  });
});
