import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';

import { CloudError, hasCode } from '../../../../../shared/base/errors.ts';
import { listAll } from '../../../../../shared/drivers/openstack/client/pages.ts';
import type {
  Service,
  ServiceAnswer,
  ServiceRequest,
} from '../../../../../shared/drivers/openstack/client/service.ts';
import { never } from './scripted-cloud.ts';

type Page = { readonly body: unknown; readonly link?: string } | Error;

/** Answers the pages in turn; more than there are is an error. */
function serviceOf(pages: readonly Page[]) {
  const requests: ServiceRequest[] = [];
  const service: Service = {
    type: 'compute',
    maxMicroversion: undefined,
    call: (request): Promise<ServiceAnswer> => {
      const page = pages[requests.length] ?? new Error('no such page');
      requests.push(request);
      if (page instanceof Error) return Promise.reject(page);
      const headers = new Headers(page.link === undefined ? {} : { link: page.link });
      return Promise.resolve({ status: 200, headers, body: page.body });
    },
  };
  return { service, requests };
}

const item = z.object({ id: z.string() });
const listing = { path: 'servers/detail', key: 'servers', item };
const next = (href: string) => [{ rel: 'next', href }];

async function listed(pages: readonly Page[], query?: ServiceRequest['query']) {
  const { service, requests } = serviceOf(pages);
  const items = await listAll(service, { ...listing, ...(query && { query }) }, never());
  return { ids: items.map(({ id }) => id), requests };
}

const a = { id: 'a' };
const b = { id: 'b' };

describe('listAll', () => {
  it('follows the links of nova, glance and RFC 8288, relative and absolute', async () => {
    const last = { body: { servers: [b] } };
    const first: readonly Page[] = [
      { body: { servers: [a], servers_links: next('http://nova/v2.1/servers/detail?marker=a') } },
      { body: { servers: [a], servers_links: next('/v2.1/servers?marker=a') } },
      { body: { servers: [a], servers_links: next('?marker=a') } },
      { body: { servers: [a], next: '/v2/images?marker=a' } },
      {
        body: { servers: [a] },
        link: '<http://x/?marker=z>; rel="prev", <http://x/?marker=a>; rel="next"',
      },
      { body: { servers: [a] }, link: '<?marker=a>; title="the next"; rel=next' },
      { body: { servers: [a], links: next('http://x/?marker=a#end') } },
    ];
    for (const page of first) {
      const { ids, requests } = await listed([page, last]);
      assert.deepEqual(ids, ['a', 'b'], JSON.stringify(page));
      assert.deepEqual(requests[1]?.query, { marker: ['a'] });
      assert.equal(requests[1].path, 'servers/detail');
    }
  });

  it('asks with the query first, and then with that of the link alone', async () => {
    const link = 'http://elsewhere/other?status=ACTIVE&status=BUILD&marker=a%26b';
    const { requests } = await listed(
      [{ body: { servers: [a], servers_links: next(link) } }, { body: { servers: [] } }],
      { limit: '1' },
    );
    assert.deepEqual(requests[0]?.query, { limit: '1' });
    assert.deepEqual(requests[1]?.query, { status: ['ACTIVE', 'BUILD'], marker: ['a&b'] });
  });

  it('stops where there is no next page', async () => {
    for (const extra of [
      {},
      { servers_links: [] },
      { servers_links: [{ rel: 'prev', href: '?x' }] },
      { next: null },
    ])
      assert.deepEqual((await listed([{ body: { servers: [a], ...extra } }])).ids, ['a']);
    const { ids } = await listed([{ body: { servers: [a] }, link: '<?x=1>; rel="nextcloud"' }]);
    assert.deepEqual(ids, ['a']);
  });

  it('never answers half a listing', async () => {
    const broken = new CloudError('NP_CLOUD_TRANSIENT', 'lost');
    const first = { body: { servers: [a], servers_links: next('?marker=a') } };
    await assert.rejects(listed([first, broken]), broken);
    for (const body of [undefined, null, {}, { servers: {} }, 'text', { other: [] }])
      await assert.rejects(listed([first, { body }]), /no list of servers/);
  });

  it('does not walk in circles', async () => {
    const to = (marker: string) => ({
      body: { servers: [a], servers_links: next(`?marker=${marker}`) },
    });
    await assert.rejects(listed([to('a'), to('b'), to('a')]), /leads back/);
    await assert.rejects(
      listed([{ body: { servers: [], servers_links: next('http://nova/') } }]),
      /leads back/,
    );
  });

  it('names the item that is not as it should be', async () => {
    const strict = z.object({ id: z.string(), ram: z.number() });
    const { service } = serviceOf([{ body: { servers: [{ id: 's1', ram: 'much' }] } }]);
    await assert.rejects(
      listAll(service, { ...listing, item: strict }, never()),
      (error: Error) =>
        hasCode(error, 'NP_CLOUD_TRANSIENT') && /item s1 .*: ram: /.test(error.message),
    );
    await assert.rejects(listed([{ body: { servers: ['x'] } }]), /item without an id/);
  });

  it('asks for the microversion and the deadline on every page', async () => {
    const { service, requests } = serviceOf([
      { body: { servers: [], servers_links: next('?marker=a') } },
      { body: { servers: [] } },
    ]);
    await listAll(service, { ...listing, microversion: '2.47', timeoutSeconds: 90 }, never());
    for (const { microversion, timeoutSeconds } of requests)
      assert.deepEqual(
        { microversion, timeoutSeconds },
        { microversion: '2.47', timeoutSeconds: 90 },
      );
    assert.equal(requests.length, 2);
  });

  it('lists everything once, in whichever pages it comes', async () => {
    const pagesOfIds = fc.array(fc.array(fc.uuid(), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(pagesOfIds, async (pages) => {
        const bodies = pages.map((ids, index) => ({
          body: {
            servers: ids.map((id) => ({ id })),
            ...(index + 1 < pages.length && { servers_links: next(`?marker=${index}`) }),
          },
        }));
        assert.deepEqual((await listed(bodies)).ids, pages.flat());
      }),
    );
  });
});
