/** Our client and the services behind the catalog: regions, interfaces, versions, pages, errors, TLS. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { z } from 'zod';
import { makeCertificates, type Certificates } from '../../../fixtures/certificates/make.ts';
import { startHttpProxy } from '../../../fixtures/proxy/http-proxy.ts';
import { hasCode, type CloudError } from '../../../shared/base/errors.ts';
import { listAll } from '../../../shared/drivers/openstack/client/pages.ts';
import type { Service, ServiceRequest } from '../../../shared/drivers/openstack/client/service.ts';
import { addRegion } from './accounts.ts';
import { Desk, REGION } from './desk.ts';
import { servicesOrSkip } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';
import { startTlsFront } from './tls-front.ts';

/** Of clouds.yaml. */
type Entry = Readonly<Record<string, unknown>>;

const never = new AbortController().signal;
const get = (path: string, more: Partial<ServiceRequest> = {}): ServiceRequest => ({
  ...{ method: 'GET', path },
  ...more,
});

describe('the endpoints of real services', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  let desk: Desk;
  const made: { drop(): Promise<void> }[] = [];
  before(async function () {
    services = await servicesOrSkip(this);
    desk = await Desk.make(services);
    made.push(desk);
  });
  afterEach(() => desk.tidy());
  after(async () => {
    for (const one of made) await one.drop();
    await stopServices();
  });

  async function serviceOf(type: Service['type'], entry: Entry = {}): Promise<Service> {
    const service = await (await desk.session(entry)).service(type, never);
    assert.ok(service, `no service ${type}`);
    return service;
  }

  async function failure(result: Promise<unknown>): Promise<CloudError> {
    return result.then(
      () => assert.fail('it should fail'),
      (error: unknown) => error as CloudError,
    );
  }

  it('are those of the region and the interface', async () => {
    const glance = services.admin.origin('image') ?? '';
    const proxy = await startHttpProxy({ targets: { internal: glance, admin: glance } });
    const region = await addRegion(services.admin, 'image', { ...proxy.origins });
    try {
      const entries: readonly (readonly [Entry, string])[] = [
        [{ region_name: region.id, interface: 'internal' }, 'internal'],
        [{ region_name: region.id, interface: 'admin' }, 'admin'],
        [{ region_name: region.id, image_interface: 'admin' }, 'admin'],
        [{ image_region_name: region.id, interface: 'internal' }, 'internal'],
        [{ image_endpoint_override: `${proxy.origins.admin ?? ''}/v2` }, 'admin'],
      ];
      for (const [entry, expected] of entries) {
        proxy.forget();
        const service = await serviceOf('image', entry);
        await service.call(get('images'), never);
        const called = Object.keys(proxy.counts()).filter((name) => name.endsWith('/images'));
        assert.deepEqual(called, [`${expected} GET /images`], JSON.stringify(entry));
      }
      const session = await desk.session({ region_name: region.id });
      assert.equal(await session.service('compute', never), undefined);
      const missing = await failure(session.service('image', never));
      assert.match(missing.message, /no public endpoint of image .* but admin, internal/);
      const unknown = await desk.session({ region_name: 'nowhere' });
      const error = await failure(unknown.service('compute', never));
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match(error.message, /no region nowhere, but /);
      for (const name of [REGION, region.id]) assert.ok(error.message.includes(name));
    } finally {
      await region.drop();
      await proxy.close();
    }
  });

  it('speak the microversion that is asked for, the newest below it, or that of clouds.yaml', async () => {
    const compute = await serviceOf('compute');
    const newest = compute.maxMicroversion ?? '';
    assert.match(newest, /^2\.\d+$/);
    const spoken = async (service: Service, microversion?: string): Promise<unknown> => {
      const answer = await service.call(
        get('flavors/detail', { ...(microversion !== undefined && { microversion }) }),
        never,
      );
      const { flavors } = answer.body as { flavors: object[] };
      // `description` came with 2.55, `extra_specs` with 2.61.
      const [flavor = {}] = flavors;
      return [
        answer.headers.get('openstack-api-version'),
        ...['description', 'extra_specs'].map((key) => key in flavor),
      ];
    };
    assert.deepEqual(await spoken(compute), ['compute 2.1', false, false]);
    assert.deepEqual(await spoken(compute, '2.55'), ['compute 2.55', true, false]);
    assert.deepEqual(await spoken(compute, '2.9999'), [`compute ${newest}`, true, true]);
    const fixed = await serviceOf('compute', { compute_default_microversion: '2.61' });
    assert.deepEqual(await spoken(fixed, '2.55'), ['compute 2.61', true, true]);
    const unspoken = await serviceOf('compute', { compute_default_microversion: '2.9999' });
    const error = await failure(unspoken.call(get('flavors/detail'), never));
    assert.match(error.message, /status 406.*2\.9999/s);
  });

  it('show all pages of a listing, each item once', async () => {
    const { rest } = desk.tenant;
    for (const number of [1, 2, 3, 4, 5]) {
      await rest.call('image', 'POST', '/images', { name: `page-${number}` });
      await rest.call('network', 'POST', '/networks', { network: { name: `page-${number}` } });
      await rest.call('volume', 'POST', '/volumes', {
        volume: { name: `page-${number}`, size: 1 },
      });
    }
    const listings = [
      ['compute', 'flavors/detail', 'flavors', 'compute'],
      ['network', 'networks', 'networks', 'network'],
      ['image', 'images', 'images', 'image'],
      ['block-storage', 'volumes/detail', 'volumes', 'volume'],
    ] as const;
    const item = z.object({ id: z.string() });
    for (const [type, path, key, name] of listings) {
      const whole = (await rest.get(name, `/${path}`)) as Record<string, { id: string }[]>;
      const expected = (whole[key] ?? []).map(({ id }) => id);
      assert.ok(expected.length > 2, key);
      const service = await serviceOf(type);
      desk.proxy.forget();
      const found = await listAll(service, { path, key, item, query: { limit: '2' } }, never);
      assert.deepEqual(found.map(({ id }) => id).toSorted(), expected.toSorted(), key);
      const calls = Object.values(desk.proxy.counts()).reduce((sum, one) => sum + one, 0);
      assert.ok(calls >= Math.ceil(expected.length / 2), `${key}: ${calls} calls`);
    }
  });

  it('name call, status, request id and their own words in errors', async () => {
    const path = 'servers/c0ffee00-0000-4000-8000-000000000000';
    const refusals: readonly (readonly [Service['type'], ServiceRequest, RegExp])[] = [
      [
        'compute',
        get(path),
        /^GET compute servers\/c0ffee.*: status 404 \(req-[-\w]{36}\): .*not be found/,
      ],
      [
        'compute',
        { method: 'POST', path: 'servers', json: { server: {} } },
        /status 400 \(req-[-\w]{36}\): Invalid input/,
      ],
      [
        'network',
        get('networks/c0ffee'),
        /^GET network .* status 404 \(req-[-\w]{36}\): .*could not be found/,
      ],
      [
        'image',
        get('images/c0ffee'),
        /^GET image .* status 404 \(req-[-\w]{36}\): .*[Nn]o image found/i,
      ],
      [
        'block-storage',
        get('volumes/c0ffee'),
        /^GET block-storage .* status 404 \(req-[-\w]{36}\): .*could not be found/,
      ],
    ];
    for (const [type, request, words] of refusals) {
      const service = await serviceOf(type);
      assert.match((await failure(service.call(request, never))).message, words);
    }
  });

  describe('behind TLS', () => {
    let certificates: Certificates;
    before(async () => {
      certificates = await makeCertificates(join(desk.folder, 'certificates'));
    });

    /** Signs in and calls glance, both over TLS. */
    async function attempt(wantsCertificate: boolean, entry: Entry): Promise<number | undefined> {
      const { identity = '', image = '' } = desk.proxy.origins;
      const options = { certificates, wantsCertificate };
      const keystone = await startTlsFront({ ...options, target: identity });
      const glance = await startTlsFront({ ...options, target: image });
      try {
        const service = await serviceOf('image', {
          auth: { ...desk.password, auth_url: `${keystone.origin}/v3` },
          image_endpoint_override: `${glance.origin}/v2`,
          ...entry,
        });
        return (await service.call(get('images'), never)).status;
      } finally {
        await keystone.close();
        await glance.close();
      }
    }

    it('are trusted by cacert, or without a look, and by nothing else', async () => {
      assert.equal(await attempt(false, { cacert: certificates.ca }), 200);
      assert.equal(await attempt(false, { verify: false }), 200);
      const error = await failure(attempt(false, {}));
      assert.match(error.hint ?? '', /cacert in clouds\.yaml/);
      assert.equal(desk.signIns, 2, 'nothing was sent to whom we do not trust');
    });

    it('are shown the certificate of clouds.yaml', async () => {
      const { ca, client } = certificates;
      const { cert, key, both } = client;
      assert.equal(await attempt(true, { cacert: ca, cert, key }), 200);
      assert.equal(await attempt(true, { cacert: ca, cert: both }), 200);
      const error = await failure(attempt(true, { cacert: ca }));
      // Node's servers hang up without a word on why.
      assert.match(error.message, /no answer from https:/);
      assert.equal(desk.signIns, 2, 'nothing is passed on without a certificate');
    });
  });
});
