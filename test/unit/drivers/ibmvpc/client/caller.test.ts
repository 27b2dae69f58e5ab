import assert from 'node:assert/strict';

import { z } from 'zod';

import { ManualClock } from '../../../../../fixtures/clock.ts';
import { hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import { CloudCalls } from '../../../../../shared/cloud/calls.ts';
import { Transport } from '../../../../../shared/cloud/http-transport.ts';
import { Caller, type Call } from '../../../../../shared/drivers/ibmvpc/client/caller.ts';
import { noAnswerError } from '../../../../../shared/drivers/ibmvpc/client/connection-errors.ts';
import { endpointsFor } from '../../../../../shared/drivers/ibmvpc/client/endpoints.ts';
import type { Token } from '../../../../../shared/drivers/ibmvpc/client/identity.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import { scriptedFetch, type Asked, type Scripted } from './scripted-fetch.ts';

const never = (): AbortSignal => new AbortController().signal;
const item = z.object({ name: z.string() });

function subject(answer: (asked: Asked, nth: number) => Scripted) {
  const clock = new ManualClock();
  const { fetch, asked } = scriptedFetch(answer);
  const transport = new Transport({
    ...{ fetch, clock, userAgent: 'ours/1', noAnswer: noAnswerError },
  });
  let number = 1;
  const tokens = {
    current: (): Promise<Token> =>
      Promise.resolve({ authorization: `Bearer ${number}`, lifeMs: Infinity }),
    forget: ({ authorization }: Token): void => {
      if (authorization === `Bearer ${number}`) number++;
    },
  };
  const calls = new CloudCalls({ clock, random: () => 0.5, callsPerSecond: 100 });
  const caller = new Caller({
    ...{ calls, tokens, clock, transport, endpoints: endpointsFor('eu-de', undefined) },
  });
  const call = <T>(one: Call<T>): Promise<T> => settleByTurning(clock, caller.call(one, never()));
  const list = (service?: 'resource-controller'): Promise<readonly unknown[]> =>
    settleByTurning(
      clock,
      caller.all({ path: 'things', key: 'things', item, ...(service && { service }) }, never()),
    );
  return { asked, call, list };
}

const GET: Call<unknown> = { method: 'GET', path: 'things/1', answer: item };
const POST: Call<unknown> = { method: 'POST', path: 'things', body: { a: 1 }, answer: item };
const thing = { json: { name: 'one', more: true } };

describe('calls to IBM', () => {
  it('name the version of the API, and carry token and JSON', async () => {
    const { asked, call } = subject(() => thing);
    assert.deepEqual(await call(POST), { name: 'one' });
    const [one] = asked;
    assert.equal(
      one?.url.href,
      'https://eu-de.iaas.cloud.ibm.com/v1/things?version=2025-06-29&generation=2',
    );
    assert.equal(one.headers.authorization, 'Bearer 1');
    assert.equal(one.headers['content-type'], 'application/json');
    assert.equal(one.body, '{"a":1}');
  });

  it('to other services name none', async () => {
    const { asked, call } = subject(() => thing);
    await call({ ...GET, service: 'resource-manager' });
    assert.equal(asked[0]?.url.href, 'https://resource-controller.cloud.ibm.com/v2/things/1');
    assert.equal(asked[0].body, undefined);
  });

  it('are made once more with another token where that is refused', async () => {
    const { asked, call } = subject((_, nth) => (nth === 1 ? { status: 401 } : thing));
    await call(GET);
    assert.deepEqual(
      asked.map(({ headers }) => headers.authorization),
      ['Bearer 1', 'Bearer 2'],
    );
  });

  it('end where every token is refused', async () => {
    const { asked, call } = subject(() => ({ status: 401 }));
    await assert.rejects(call(GET), (error) => hasLabel(error, 'retryable'));
    // Three times with two tokens each.
    assert.equal(asked.length, 6);
  });

  it('that read are repeated where the answer is lost', async () => {
    const { asked, call } = subject((_, nth) => (nth < 3 ? { error: new Error('reset') } : thing));
    await call(GET);
    assert.equal(asked.length, 3);
  });

  for (const [what, answer] of [
    ['is lost', { error: new Error('reset') }],
    ['is a failure', { status: 500 }],
    ['is not understood', { json: { other: 1 } }],
    ['is no JSON', { text: 'yes' }],
    ['never comes', 'hang'],
  ] as const)
    it(`that make something are the caller's to repeat where the answer ${what}`, async () => {
      const { asked, call } = subject(() => answer);
      await assert.rejects(call(POST), (error) => hasLabel(error, 'ambiguous'));
      assert.equal(asked.length, 1);
    });

  it('that make something are repeated where they were not sent', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { asked, call } = subject((_, nth) => (nth === 1 ? { error: refused } : thing));
    await call(POST);
    assert.equal(asked.length, 2);
  });

  it('of names that are unique are repeated in any case', async () => {
    const { asked, call } = subject((_, nth) => (nth === 1 ? { status: 500 } : thing));
    await call({ ...POST, isRepeatable: true });
    assert.equal(asked.length, 2);
  });

  it('rest as long as IBM asks', async () => {
    const { asked, call } = subject((_, nth) => (nth === 1 ? { status: 429 } : thing));
    await call(POST);
    assert.equal(asked.length, 2);
  });

  it('need no answer where nobody looks at it', async () => {
    const { call } = subject(() => ({ status: 204 }));
    assert.equal(await call({ method: 'DELETE', path: 'things/1' }), undefined);
  });
});

describe('listings of IBM', () => {
  const href = 'https://eu-de.iaas.cloud.ibm.com/v1/things?limit=100&start=a%2Fb';

  it('are all pages, by the link to the next', async () => {
    const { asked, list } = subject(({ url }) =>
      url.searchParams.has('start')
        ? { json: { things: [{ name: 'two' }], limit: 100 } }
        : { json: { things: [{ name: 'one' }], next: { href } } },
    );
    assert.deepEqual(await list(), [{ name: 'one' }, { name: 'two' }]);
    assert.deepEqual(
      asked.map(({ url }) => [url.searchParams.get('limit'), url.searchParams.get('start')]),
      [
        ['100', null],
        ['100', 'a/b'],
      ],
    );
  });

  it('of the resource controller have their own kind of link', async () => {
    const next_url = '/v2/things?start=next';
    const { asked, list } = subject(({ url }) => ({
      json: { things: [], next_url: url.searchParams.has('start') ? null : next_url },
    }));
    await list('resource-controller');
    assert.deepEqual(
      asked.map(({ url }) => url.search),
      ['', '?start=next'],
    );
  });

  it('fail as a whole where one page does', async () => {
    const { list } = subject(({ url }) =>
      url.searchParams.has('start') ? { status: 400 } : { json: { things: [], next: { href } } },
    );
    await assert.rejects(list(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });

  it('are not understood where an entry is none', async () => {
    const { list } = subject(() => ({ json: { things: [{ name: 7 }] } }));
    await assert.rejects(list(), (error) => /GET vpc things:.*things\.0\.name/.test(String(error)));
  });

  it('that lead in a circle end', async () => {
    const { list } = subject(() => ({ json: { things: [], next: { href } } }));
    await assert.rejects(list(), (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
  });
});
