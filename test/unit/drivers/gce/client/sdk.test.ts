import assert from 'node:assert/strict';

import type { GaxInit } from '../../../../../shared/drivers/gce/client/http.ts';
import { Sdk } from '../../../../../shared/drivers/gce/client/sdk.ts';

describe('gce: the requests of clients', () => {
  const asked: { url: URL; headers: Headers | undefined; signal: AbortSignal }[] = [];
  const sdk = new Sdk({
    endpoint: new URL('https://compute.example.com'),
    http: {
      fetch: (url: string, { headers }: GaxInit, signal: AbortSignal) => {
        asked.push({ url: new URL(url), headers, signal });
        const { buffer } = new TextEncoder().encode('{"name": "r", "zones": []}');
        return Promise.resolve({
          ok: true,
          status: 200,
          arrayBuffer: () => Promise.resolve(buffer),
        });
      },
    },
  });

  beforeEach(() => asked.splice(0));

  it('have the signal and the fields of their own call, and no word of it in their headers', async () => {
    const client = await sdk.regions();
    const calls = ['one', 'two', 'three'].map((region) => ({
      ...{ region, signal: new AbortController().signal, fields: `name,${region}` },
    }));
    await Promise.all(
      calls.map(({ region, ...asking }) =>
        sdk.within(asking, async (call) => {
          // They may ask in any order.
          if (region === 'one') await new Promise(setImmediate);
          return client.get({ project: 'p', region }, call);
        }),
      ),
    );
    assert.equal(asked.length, 3);
    for (const { region, signal, fields } of calls) {
      const one = asked.find(({ url }) => url.pathname.endsWith(`/regions/${region}`));
      assert.equal(one?.signal, signal);
      assert.equal(one.url.searchParams.get('fields'), fields);
      assert.match(String(one.headers?.get('x-goog-request-params')), new RegExp(region));
      assert.ok(![...(one.headers?.keys() ?? [])].some((name) => name.includes('nodepool')));
    }
  });

  it('are refused where they belong to no call', async () => {
    const client = await sdk.regions();
    await assert.rejects(client.get({ project: 'p', region: 'r' }, {}), /calls by itself/);
    assert.equal(asked.length, 0);
  });
});
