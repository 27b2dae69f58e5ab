import assert from 'node:assert/strict';

import type { ComponentRecord } from '../../../../schemas/records/component.ts';
import { MIN_READY_REQUESTOR } from '../../../../schemas/records/request.ts';
import { changes, fake, hosts, labels, lines, node, request, type Sections } from './world.ts';

const cloud = (...offered: string[]): Sections => ({
  ...labels('small', 'big'),
  providers: [fake('cloud', { main: offered })],
});

const pool = (provider: string, name: string, supported: string[]): ComponentRecord => ({
  ...{ hostname: 'there', kind: 'pool', state: 'running', version: '11.0.0', model_api: 0 },
  ...{ id: 'x', name, provider_name: provider, supported_labels: supported },
});

describe('labels in a plan', () => {
  it('are offered, or by nobody any more', () => {
    assert.deepEqual(lines(changes(cloud('small'), cloud('big')), 'labels'), [
      '+ label-offered big: is offered',
      '!- label-gone small: is offered by nobody any more: requests for it fail',
    ]);
  });

  it('may be offered by launchers with another configuration', () => {
    const pools = [pool('python', 'main', ['small']), pool('cloud', 'main', ['small'])];
    assert.deepEqual(lines(changes(cloud('small'), cloud('big'), { pools }), 'labels'), [
      '+ label-offered big: is offered',
      '~ label-elsewhere small: is offered by launchers with another configuration only',
    ]);
    const own = [pool('cloud', 'main', ['small'])];
    assert.match(
      lines(changes(cloud('small'), cloud('big'), { pools: own }), 'labels').join(),
      /label-gone small/,
    );
  });

  it('are not offered by providers that take no requests, and pools without room', () => {
    const idle = { ...fake('cloud', { main: ['small'] }), 'max-concurrency': 0 };
    const found = changes(cloud('small'), { ...cloud(), providers: [idle] });
    assert.match(lines(found, 'labels').join(), /label-gone small/);
    const full = fake('cloud', { main: ['small'] });
    const pools = [{ ...(full.pools as Sections[])[0], 'max-servers': 0 }];
    assert.match(
      lines(
        changes(cloud('small'), { ...cloud(), providers: [{ ...full, pools }] }),
        'labels',
      ).join(),
      /label-gone small/,
    );
  });

  const stock = (count: number): Sections => ({
    ...cloud('small'),
    ...labels({ name: 'small', 'min-ready': count }, 'big'),
  });
  for (const [from, to, expected] of [
    [0, 3, '+ stock-up small: min-ready 0 -> 3: 1 node launched (2 ready or asked for)'],
    [1, 2, '+ stock-up small: min-ready 1 -> 2: 2 are ready or asked for already'],
    [
      5,
      1,
      '- stock-down small: min-ready 5 -> 1: 1 more than that stay until they are used, too old, or in the way',
    ],
    [5, 2, '- stock-down small: min-ready 5 -> 2'],
  ] as const) {
    it(`say what min-ready ${from} -> ${to} does`, () => {
      const held = {
        nodes: [node('1'), node('2', { allocated_to: 'r' }), node('3', { state: 'used' })],
        requests: [request('r1', ['small'], { requestor: MIN_READY_REQUESTOR })],
      };
      assert.deepEqual(lines(changes(stock(from), stock(to), held), 'labels'), [expected]);
    });
  }

  it('are not launched where nobody offers them', () => {
    const wish = labels('small', { name: 'big', 'min-ready': 2 });
    assert.deepEqual(lines(changes(cloud('small'), { ...cloud('small'), ...wish }), 'labels'), [
      '+ stock-up big: min-ready 0 -> 2: nobody offers the label, so nothing is launched',
    ]);
  });
});

describe('limits in a plan', () => {
  const limited = (fields: Sections, more: Sections = {}): Sections => {
    const provider = fake('cloud', { main: ['small'] });
    const pools = [{ ...(provider.pools as Sections[])[0], ...fields }];
    return { ...cloud(), providers: [{ ...provider, pools, ...more }] };
  };
  const nodes = [node('1', { tenant_name: 't', state: 'in-use' }), node('2', { tenant_name: 't' })];
  const limits = (before: Sections, after: Sections): string[] =>
    lines(changes(before, after, { nodes }), 'limits');

  it('are told with what is used now', () => {
    assert.deepEqual(limits(limited({}), limited({ 'max-servers': 1, 'max-cores': 50 })), [
      '- limit-below-use cloud-main: instances 5 -> 1; 2 are used: what runs stays, and nothing new is launched before use is below the limit',
      '- limit-changed cloud-main: cores unlimited -> 50',
    ]);
  });

  it('are of the provider, too', () => {
    assert.deepEqual(limits(limited({}), limited({}, { 'max-concurrency': 0 })), [
      '- limit-changed cloud: max-concurrency unlimited -> 0: it takes no requests any more; what runs goes on',
    ]);
  });

  it('are of tenants, whose free nodes do not count', () => {
    const tenants = [{ 'tenant-name': 't', 'max-cores': 1 }];
    assert.deepEqual(
      limits(cloud('small'), { ...cloud('small'), 'tenant-resource-limits': tenants }),
      [
        '- limit-below-use tenant t: cores unlimited -> 1; 2 are used: what runs stays, and nothing new is launched before use is below the limit',
      ],
    );
  });
});

describe('requests in a plan', () => {
  const requests = (before: Sections, after: Sections, ...all: ReturnType<typeof request>[]) =>
    lines(changes(before, after, { requests: all }), 'requests');

  it('are lost where no pool has all their labels any more', () => {
    const all = [
      request('1', ['big', 'small']),
      request('2', ['small']),
      request('3', ['small', 'big']),
    ];
    assert.deepEqual(requests(cloud('small', 'big'), cloud('small'), ...all), [
      '!- requests-lost big, small: 2 requests waiting can be served by no pool any more: failed once all pools have declined [1 3]',
    ]);
  });

  it('can be served at last', () => {
    assert.deepEqual(requests(cloud('small'), cloud('small', 'big'), request('1', ['big'])), [
      '+ requests-served big: 1 request waiting can be served [1]',
    ]);
  });

  it('are not told of where they are the launchers’ own, answered, or as hopeless as before', () => {
    const own = request('1', ['big'], { requestor: MIN_READY_REQUESTOR });
    const done = request('2', ['big'], { state: 'fulfilled' });
    const hopeless = request('3', ['unheard-of']);
    assert.deepEqual(requests(cloud('big'), cloud('small'), own, done, hopeless), []);
  });

  it('are lost where a pool is too small for them', () => {
    const rack = (...names: string[]): Sections => ({
      ...labels('metal'),
      providers: [
        hosts(
          'rack',
          names.map((name) => ({ name })),
        ),
      ],
    });
    const two = request('1', ['metal', 'metal']);
    assert.match(
      requests(rack('a', 'b'), rack('a'), two).join(),
      /^!- requests-lost metal, metal:/,
    );
    assert.deepEqual(requests(rack('a', 'b'), rack('a'), request('1', ['metal'])), []);
    const many = request(
      '1',
      Array.from({ length: 6 }, () => 'small'),
    );
    assert.deepEqual(requests(cloud('small'), cloud('small'), many), []);
  });

  it('are interrupted where the pool that serves them goes', () => {
    const nodes = [node('1', { state: 'building', allocated_to: 'r1' })];
    const pending = request('r1', ['small'], { state: 'pending' });
    const found = changes(
      cloud('small'),
      { ...cloud(), providers: [] },
      { nodes, requests: [pending] },
    );
    assert.match(
      lines(found, 'requests').join(),
      /^~ requests-interrupted cloud-main: 1 request being served there: .* \[r1\]$/,
    );
  });
});
