import assert from 'node:assert/strict';

import type { CloudConfig } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import { mergeCloud } from '../../../../../shared/drivers/openstack/client/clouds/merge.ts';
import { readCloud } from '../../../../../shared/drivers/openstack/client/clouds/read.ts';

const entry = { cloud: 'c', file: '/clouds.yaml' };
const auth = { auth_url: 'http://k/v3', username: 'u', user_domain_name: 'd', password: 'p' };

function read(config: Record<string, unknown>, environment = {}): CloudConfig {
  const merged = mergeCloud({
    entry,
    config: { auth, ...config },
    profile: undefined,
    regionName: undefined,
  });
  return readCloud(merged, { entry, environment, homeDirectory: '/home/h', forceIpv4: false });
}

describe('a cloud, typed', () => {
  it('has the defaults of openstacksdk', () => {
    const service = {
      isDisabled: false,
      interface: 'public',
      regionName: undefined,
      endpointOverride: undefined,
      serviceType: undefined,
      serviceName: undefined,
      apiVersion: undefined,
      defaultMicroversion: undefined,
    };
    assert.deepEqual(read({}), {
      name: 'c',
      regionName: undefined,
      auth: {
        method: 'password',
        authUrl: 'http://k/v3',
        user: { name: 'u', domain: { name: 'd' } },
        password: 'p',
        scope: { kind: 'unscoped' },
      },
      tls: { verify: true, caFile: undefined, certFile: undefined, keyFile: undefined },
      services: {
        compute: service,
        network: { ...service, apiVersion: '2' },
        image: service,
        'block-storage': service,
      },
      networking: {
        networks: [],
        floatingIpSource: 'neutron',
        private: false,
        forceIpv4: false,
        useExternalNetwork: true,
        useInternalNetwork: true,
      },
      imageFormat: 'qcow2',
      apiTimeoutSeconds: undefined,
      imageApiUseTasks: false,
    });
  });

  it('takes the words for false as false', () => {
    const { networking } = read({ private: 'False', force_ipv4: 'no', use_internal_network: 0 });
    assert.deepEqual(
      [networking.private, networking.forceIpv4, networking.useInternalNetwork],
      [false, false, false],
    );
    assert.equal(read({ private: 'yes' }).networking.private, true);
  });

  it('derives the roles of external_network and internal_network', () => {
    const { networks } = read({ external_network: 'e', internal_network: 'i' }).networking;
    assert.deepEqual(
      networks.map(({ name, routesIpv4Externally, natDestination, defaultInterface }) => ({
        name,
        routesIpv4Externally,
        natDestination,
        defaultInterface,
      })),
      [
        { name: 'e', routesIpv4Externally: true, natDestination: false, defaultInterface: true },
        { name: 'i', routesIpv4Externally: false, natDestination: true, defaultInterface: false },
      ],
    );
  });

  it('takes the first of several interfaces', () => {
    const { services } = read({
      interface: ['internalURL', 'public'],
      image_interface: 'adminURL',
    });
    assert.equal(services.compute.interface, 'internal');
    assert.equal(services.image.interface, 'admin');
  });

  it('asks for no scope where that is said', () => {
    const { auth: found } = read({ auth_type: 'v3password', auth: { ...auth, unscoped: true } });
    assert.deepEqual(found.method === 'password' && found.scope, { kind: 'unscoped' });
  });

  it('has no key without a certificate, and ~ is the home folder', () => {
    const files = { cert: '~', key: '~/k', cacert: '~x/ca' };
    assert.deepEqual(read(files).tls, {
      verify: true,
      caFile: '~x/ca',
      certFile: '/home/h',
      keyFile: '/home/h/k',
    });
    assert.equal(read({ key: '/k' }).tls.keyFile, undefined);
    assert.equal(read({}, { REQUESTS_CA_BUNDLE: '', CURL_CA_BUNDLE: '/b' }).tls.caFile, '/b');
    assert.equal(read({ verify: false }, { CURL_CA_BUNDLE: '/b' }).tls.caFile, undefined);
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['an auth that is a text', { auth: 'x' }, /auth must be a mapping/],
    ['a password that is true', { auth: { ...auth, password: true } }, /auth\.password is true or/],
    [
      'a password that is a list',
      { auth: { ...auth, password: ['s3cret'] } },
      /auth\.password must/,
    ],
    ['nobody', { auth: { ...auth, username: '' } }, /no username and no user_id/],
    ['an auth_url that is none', { auth: { ...auth, auth_url: 'k:5000' } }, /auth\.auth_url must/],
    ['an auth_type that is no text', { auth_type: ['password'] }, /auth_type is not supported/],
    ['more factors', { auth_type: 'v3multifactor' }, /auth_type 'v3multifactor' is not supported/],
    ['keystone v2', { auth_type: 'v2password' }, /auth_type 'v2password' is not supported/],
    ['an interface', { compute_interface: 'private' }, /the interface of compute must be public/],
    ['a timeout', { api_timeout: 'soon' }, /api_timeout must be a number/],
    ['no time', { api_timeout: 0 }, /api_timeout must be a number/],
    ['a format', { image_format: null }, /image_format must be/],
    ['networks', { networks: { a: 1 } }, /networks must be a list/],
    [
      'a flag',
      { networks: [{ name: 'n', nat_source: 1 }] },
      /network 'n': nat_source must be true/,
    ],
    ['an old network', { external_network: ['n'] }, /external_network must be the name/],
    ['regions', { regions: 'a' }, /regions must be a list/],
    ['a lone brace', { image_format: 'a{b' }, /image_format has a brace/],
  ];
  for (const [name, config, message] of refused)
    it(`is refused: ${name}`, () => {
      assert.throws(
        () => read(config),
        (error: Error) => {
          assert.match(error.message, message);
          assert.match(error.message, /^cloud 'c' \(\/clouds\.yaml\): /);
          assert.doesNotMatch(error.message, /s3cret/);
          return true;
        },
      );
    });
});
