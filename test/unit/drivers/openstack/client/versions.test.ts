import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  endpointParts,
  majorOf,
  newestOf,
  offeredVersions,
  versionUrl,
} from '../../../../../shared/drivers/openstack/client/versions.ts';

describe('addresses of services', () => {
  const cases: readonly [string, string, string | undefined, string | undefined][] = [
    ['http://nova:8774/v2.1', 'http://nova:8774', 'v2.1', undefined],
    ['http://nova:8774/v2.1/', 'http://nova:8774', 'v2.1', undefined],
    ['https://cloud/volume/v3/P1', 'https://cloud/volume', 'v3', 'P1'],
    ['https://cloud/compute', 'https://cloud/compute', undefined, undefined],
    ['http://neutron:9696/', 'http://neutron:9696', undefined, undefined],
    ['http://[fd00::1]:9696', 'http://[fd00::1]:9696', undefined, undefined],
    ['https://cloud/v1cloud/identity', 'https://cloud/v1cloud/identity', undefined, undefined],
  ];
  for (const [url, base, version, project] of cases)
    it(`are taken apart: ${url}`, () => {
      assert.deepEqual(endpointParts(url), { base, version, project });
    });

  it('tell the major version', () => {
    assert.equal(majorOf('v2.1'), 2);
    assert.equal(majorOf('3'), 3);
    assert.equal(majorOf('20.1'), 20);
    assert.equal(majorOf('latest'), undefined);
    assert.equal(majorOf(undefined), undefined);
  });
});

describe('documents of versions', () => {
  const v21 = { id: 'v2.1', min_version: '2.1', version: '2.93' };

  it('are read in all their shapes', () => {
    for (const body of [{ version: v21 }, { versions: [v21] }, { versions: { values: [v21] } }])
      assert.deepEqual(offeredVersions(body), [
        {
          ...{ id: 'v2.1', major: 2, minor: 1, href: undefined },
          microversions: { min: '2.1', max: '2.93' },
        },
      ]);
  });

  it('may have versions without microversions', () => {
    const body = { versions: [{ id: 'v2.0', min_version: '', version: '' }, { id: 'v3.0' }] };
    assert.deepEqual(
      offeredVersions(body)?.map(({ microversions }) => microversions),
      [undefined, undefined],
    );
  });

  it('lose what cannot be read, and are none where nothing can', () => {
    assert.deepEqual(offeredVersions({ versions: [{ id: 'latest' }, 'x', v21] })?.length, 1);
    for (const body of [undefined, null, 'x', [], {}, { versions: 'x' }, { error: {} }])
      assert.equal(offeredVersions(body), undefined);
  });

  it('name the newest of a major version by number', () => {
    const list = ['v1.1', 'v2.9', 'v2.15', 'v2.2', 'v3'].map((id) => ({ id }));
    const versions = offeredVersions({ versions: list }) ?? [];
    assert.equal(newestOf(versions, 2)?.id, 'v2.15');
    assert.equal(newestOf(versions, 4), undefined);
  });
});

describe('the address of a version', () => {
  const url = (base: string, href: string | undefined, id = 'v2.1') =>
    versionUrl(base, { id, major: 2, minor: 1, href, microversions: undefined });

  const cases: readonly [string, string, string | undefined, string][] = [
    ['as the service says', 'http://nova', 'http://nova/v2.1/', 'http://nova/v2.1'],
    ['below its path', 'http://nova/api', 'http://nova/api/v2.1/', 'http://nova/api/v2.1'],
    ['deeper on the same host', 'http://nova', 'http://nova/api/v2.1', 'http://nova/api/v2.1'],
    [
      'without the own name of a host behind a proxy',
      'https://cloud/compute',
      'http://10.0.0.1:8774/v2.1/',
      'https://cloud/compute/v2.1',
    ],
    [
      'with the path that the proxy cut off',
      'https://cloud/compute',
      'http://cloud/v2.1/',
      'https://cloud/compute/v2.1',
    ],
    [
      'without a path of somebody else',
      'https://nova.cloud',
      'http://10.0.0.1/compute/v2.1/',
      'https://nova.cloud/v2.1',
    ],
    [
      'with the scheme and port of the catalog',
      'https://cloud:13774',
      'http://cloud:8774/v2.1',
      'https://cloud:13774/v2.1',
    ],
    ['from a relative link', 'http://nova/api', '/api/v2.1/', 'http://nova/api/v2.1'],
    ['by its id where there is no link', 'http://neutron', undefined, 'http://neutron/v2.1'],
    ['by its id where the link has no version', 'http://nova', 'http://other/', 'http://nova/v2.1'],
  ];
  for (const [what, base, href, wanted] of cases)
    it(`is ${what}: ${String(href)}`, () => {
      assert.equal(url(base, href), wanted);
    });

  it('never leaves the host of the catalog', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (href) => {
        assert.equal(new URL(url('https://cloud:1/compute', href)).origin, 'https://cloud:1');
      }),
    );
  });
});
