import assert from 'node:assert/strict';

import { hasCode } from '../../../../../shared/base/errors.ts';
import type { ServiceType } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import { discover } from '../../../../../shared/drivers/openstack/client/discovery.ts';

/** Answers documents by address; what it does not have is 404. */
async function found(
  type: ServiceType,
  address: string,
  documents: Readonly<Record<string, unknown>> = {},
  apiVersion?: string,
) {
  const asked: string[] = [];
  const endpoint = await discover({
    ...{ type, address, apiVersion },
    get: (url) => {
      asked.push(url);
      const body = documents[url];
      const status = body === undefined ? 404 : 200;
      return Promise.resolve({ status, headers: new Headers(), text: '', body });
    },
  });
  return { ...endpoint, asked };
}

const version = (id: string, href?: string, max?: string) => ({
  id,
  ...(href !== undefined && { links: [{ rel: 'self', href }] }),
  ...(max !== undefined && { min_version: id.slice(1), version: max }),
});

describe('discovery', () => {
  it('asks an address with a version for its microversions, without its project', async () => {
    const nova = { 'http://nova/v2.1/': { version: version('v2.1', undefined, '2.93') } };
    assert.deepEqual(await found('compute', 'http://nova/v2.1/', nova), {
      url: 'http://nova/v2.1',
      microversions: { min: '2.1', max: '2.93' },
      asked: ['http://nova/v2.1/'],
    });
    const cinder = {
      'https://c/volume/v3/': { versions: [version('v3.0', undefined, '3.70')] },
    };
    const volume = await found('block-storage', 'https://c/volume/v3/P1', cinder);
    assert.equal(volume.url, 'https://c/volume/v3/P1');
    assert.equal(volume.microversions?.max, '3.70');
  });

  it('asks nothing where the address has the version and there are no microversions', async () => {
    for (const [type, url] of [
      ['network', 'http://neutron/v2.0'],
      ['image', 'https://cloud/image/v2'],
    ] as const)
      assert.deepEqual(await found(type, url), { url, microversions: undefined, asked: [] });
  });

  it('takes a version that keeps its microversions to itself for one without', async () => {
    const { url, microversions } = await found('compute', 'http://nova/v2.1/P1');
    assert.deepEqual([url, microversions], ['http://nova/v2.1/P1', undefined]);
  });

  it('takes the newest of the major version from the document at the root', async () => {
    const documents = {
      'https://cloud/compute/': {
        versions: [
          version('v2.0', 'http://10.0.0.1/v2/'),
          version('v2.1', 'http://10.0.0.1/v2.1/', '2.93'),
          version('v3.0', 'http://10.0.0.1/v3/'),
        ],
      },
    };
    assert.deepEqual(await found('compute', 'https://cloud/compute', documents), {
      url: 'https://cloud/compute/v2.1',
      microversions: { min: '2.1', max: '2.93' },
      asked: ['https://cloud/compute/'],
    });
  });

  it('leaves an address of an older version for the one that is spoken', async () => {
    const documents = {
      'http://cinder/': { versions: [version('v3.0', 'http://cinder/v3/', '3.70')] },
    };
    const { url } = await found('block-storage', 'http://cinder/v2/P1', documents);
    assert.equal(url, 'http://cinder/v3/P1');
  });

  it('speaks an older version where the configuration asks for it and it can', async () => {
    const address = 'http://cinder/v2/P1';
    assert.equal((await found('block-storage', address, {}, '2')).url, address);
    assert.equal((await found('image', 'http://glance/v2', {}, '1')).url, 'http://glance/v2');
  });

  it('guesses the usual path where the root tells nothing', async () => {
    const usual = { compute: 'v2.1', network: 'v2.0', image: 'v2', 'block-storage': 'v3' } as const;
    for (const type of Object.keys(usual) as (keyof typeof usual)[])
      assert.equal((await found(type, 'http://x/')).url, `http://x/${usual[type]}`);
  });

  it('names the versions that there are where none fits', async () => {
    const documents = { 'http://glance/': { versions: [version('v1.0'), version('v1.1')] } };
    await assert.rejects(found('image', 'http://glance', documents), (error: Error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match(error.message, /speaks no version 2, but v1\.0, v1\.1$/);
      return true;
    });
    await assert.rejects(found('image', 'http://glance/v1'), /speaks no version 2, but v1$/);
  });

  it('calls no address that is none, or that has a password in it', async () => {
    for (const address of ['', 'nova', 'ftp://nova/', 'http://me:hush@nova/'])
      await assert.rejects(found('compute', address), (error: Error) => {
        assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
        assert.ok(!error.message.includes('hush'));
        return true;
      });
  });
});
