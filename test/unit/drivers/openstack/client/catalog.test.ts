import assert from 'node:assert/strict';

import { hasCode } from '../../../../../shared/base/errors.ts';
import {
  findEndpoint,
  type Catalog,
} from '../../../../../shared/drivers/openstack/client/catalog.ts';
import type {
  ServiceOptions,
  ServiceType,
} from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import { noOptions } from '../cloud-config.ts';

const service = (type: string, name: string, ...endpoints: string[]): Catalog[number] => ({
  ...{ type, name },
  endpoints: endpoints.map((one) => {
    const [of = '', region = ''] = one.split(' ');
    return { interface: of, region_id: region, url: `http://${name}/${region}/${of}` };
  }),
});

const catalog: Catalog = [
  service('identity', 'keystone', 'public R1', 'public R2'),
  service('compute', 'nova', 'public R1', 'internal R1', 'public R2'),
  service('volume', 'cinder1', 'public R1', 'public R2'),
  service('volumev2', 'cinder2', 'public R1'),
  service('volumev3', 'cinder3', 'public R1'),
  service('network', 'neutron', 'internalURL R1', 'publicURL R1'),
];

const find = (
  type: ServiceType,
  regionName: string | undefined,
  options: Partial<ServiceOptions> = {},
  from = catalog,
) => findEndpoint(from, { type, regionName, options: { ...noOptions, ...options } });

const fatal = (text: RegExp) => (error: unknown) =>
  hasCode(error, 'NP_CLOUD_FATAL') && text.test((error as Error).message);

describe('the catalog', () => {
  it('knows a service by type, region and interface', () => {
    assert.equal(find('compute', 'R1'), 'http://nova/R1/public');
    assert.equal(find('compute', 'R2'), 'http://nova/R2/public');
    assert.equal(find('compute', 'R1', { interface: 'internal' }), 'http://nova/R1/internal');
    assert.equal(find('compute', 'R1', { regionName: 'R2' }), 'http://nova/R2/public');
  });

  it('takes the first region where none is named', () => {
    assert.equal(find('compute', undefined), 'http://nova/R1/public');
  });

  it('knows the interfaces of old catalogs', () => {
    assert.equal(find('network', 'R1'), 'http://neutron/R1/publicURL');
  });

  it('takes the newest name of a type that is in the region', () => {
    assert.equal(find('block-storage', 'R1'), 'http://cinder3/R1/public');
    assert.equal(find('block-storage', 'R2'), 'http://cinder1/R2/public');
  });

  it('goes by the type and the name that the configuration gives', () => {
    const old = { serviceType: 'volumev2' };
    assert.equal(find('block-storage', 'R1', old), 'http://cinder2/R1/public');
    const named = { serviceName: 'cinder1' };
    assert.equal(find('block-storage', 'R1', named), 'http://cinder1/R1/public');
    assert.equal(find('block-storage', 'R1', { serviceName: 'other' }), undefined);
  });

  it('has no endpoint where there is no such service, in the region or at all', () => {
    assert.equal(find('image', 'R1'), undefined);
    assert.equal(find('network', 'R2'), undefined);
    assert.equal(find('compute', 'R1', {}, []), undefined);
  });

  it('names the regions that there are where it does not know one', () => {
    assert.throws(() => find('compute', 'Nowhere'), fatal(/no region Nowhere, but R1, R2$/));
  });

  it('names the interfaces that there are where one is missing', () => {
    const options = { interface: 'admin' } as const;
    assert.throws(
      () => find('compute', 'R1', options),
      fatal(/no admin endpoint of compute in region R1, but internal, public$/),
    );
  });
});
