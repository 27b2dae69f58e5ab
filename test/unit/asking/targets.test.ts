import assert from 'node:assert/strict';

import { targetsOf } from '../../../shared/asking/targets.ts';
import { component } from '../cli/explain/world.ts';

const urls = (listenAddress: string, ...hostnames: string[]): string[] =>
  targetsOf(
    hostnames.map((hostname) => component({ hostname })),
    { listenAddress, port: 8005 },
    'here',
  ).map(({ url }) => url);

describe('where launchers are asked', () => {
  it('is each host once, at the port of the configuration', () => {
    assert.deepEqual(urls('0.0.0.0', 'b', 'a', 'b'), ['http://a:8005', 'http://b:8005']);
  });

  it('is the address of the configuration on this host', () => {
    assert.deepEqual(urls('192.0.2.7', 'here', 'there'), [
      'http://192.0.2.7:8005',
      'http://there:8005',
    ]);
    assert.deepEqual(urls('::1', 'here'), ['http://[::1]:8005']);
    assert.deepEqual(urls('0.0.0.0', 'here'), ['http://localhost:8005']);
  });

  it('is bounded', () => {
    const names = Array.from({ length: 100 }, (_, index) => `host-${index}`);
    assert.equal(urls('', ...names).length, 64);
  });
});
