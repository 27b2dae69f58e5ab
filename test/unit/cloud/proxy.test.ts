import assert from 'node:assert/strict';

import { proxyFor } from '../../../shared/cloud/proxy.ts';

const proxy = (url: string, environment: Record<string, string>) =>
  proxyFor(new URL(url), environment);

describe('proxyFor', () => {
  it('takes the proxy of the scheme, in either case, the lower one first', () => {
    const environment = { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2', HTTP_PROXY: 'c:3' };
    assert.equal(proxy('https://cloud/', environment), 'http://a:1');
    assert.equal(proxy('http://cloud/', environment), 'http://c:3');
    assert.equal(proxy('http://cloud/', {}), undefined);
    assert.equal(proxy('http://cloud/', { http_proxy: '' }), undefined);
  });

  it('takes the one for all where the scheme has none', () => {
    assert.equal(proxy('https://cloud/', { ALL_PROXY: 'http://a:1' }), 'http://a:1');
    const both = { ALL_PROXY: 'http://a:1', https_proxy: 'http://b:2' };
    assert.equal(proxy('https://cloud/', both), 'http://b:2');
  });

  const exempt: readonly [string, string, boolean][] = [
    ['*', 'https://cloud/', true],
    ['cloud', 'https://cloud/', true],
    ['other, Cloud', 'https://cloud/', true],
    ['example.org', 'https://nova.example.org/', true],
    ['.example.org', 'https://nova.example.org/', true],
    ['*.example.org', 'https://nova.example.org/', true],
    ['ample.org', 'https://nova.example.org/', false],
    ['example.org', 'https://example.org.evil/', false],
    ['cloud:8774', 'https://cloud:8774/', true],
    ['cloud:8774', 'https://cloud:9696/', false],
    ['cloud:443', 'https://cloud/', true],
    ['10.0.0.1', 'http://10.0.0.1:8774/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://cloud/', false],
    ['fd00::1', 'http://[fd00::1]:8774/', true],
    ['fd00::/8', 'http://[fd00::1]:8774/', true],
    ['[fd00::1]:8774', 'http://[fd00::1]:8774/', true],
    ['', 'http://cloud/', false],
  ];
  for (const [list, url, isExempt] of exempt)
    it(`${isExempt ? 'leaves' : 'takes'} the proxy for ${url} with no_proxy ${list}`, () => {
      const environment = { http_proxy: 'http://a:1', https_proxy: 'http://a:1', no_proxy: list };
      assert.equal(proxy(url, environment) === undefined, isExempt);
    });
});
