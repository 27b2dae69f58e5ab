import assert from 'node:assert/strict';

import { settle } from '../../../../../fixtures/clock.ts';
import { hasCode, hasLabel, type CloudError } from '../../../../../shared/base/errors.ts';
import type { Logger } from '../../../../../shared/base/log.ts';
import type { CloudConfig } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import type {
  ServiceAnswer,
  ServiceRequest,
} from '../../../../../shared/drivers/openstack/client/service.ts';
import type { SessionOptions } from '../../../../../shared/drivers/openstack/client/session.ts';
import { cloudConfig, noOptions } from '../cloud-config.ts';
import {
  TOKENS,
  never,
  tokenReply,
  usualCloud,
  versionReply,
  type Script,
  type ScriptedCloud,
} from './scripted-cloud.ts';

const SERVERS = 'http://nova/v2.1/servers';

/** A session whose compute service is found; the calls for it are forgotten. */
async function connected(
  cloud: ScriptedCloud = usualCloud(),
  changes: Partial<CloudConfig> = {},
  options: Partial<SessionOptions> = {},
) {
  const session = cloud.session(cloudConfig(changes), options);
  const finding = session.service('compute', never());
  await cloud.clock.advance(10_000);
  const compute = await finding;
  assert.ok(compute !== undefined);
  cloud.take();
  /** Turns the clock until there is an answer. */
  const call = async (request: ServiceRequest): Promise<ServiceAnswer> => {
    const running = compute.call(request, never());
    running.catch(() => undefined);
    await cloud.clock.advance(100_000);
    return running;
  };
  const failure = (request: ServiceRequest): Promise<CloudError> =>
    call(request).then(
      () => assert.fail('the call should fail'),
      (error: unknown) => error as CloudError,
    );
  return { cloud, session, compute, call, failure };
}

const get: ServiceRequest = { method: 'GET', path: 'servers' };
const post: ServiceRequest = { method: 'POST', path: 'servers', json: { server: {} } };

/** An error as Node's fetch has it. */
function networkError(code: string): Error {
  const cause = Object.assign(new Error(`connect ${code}`), { code });
  return new TypeError('fetch failed', { cause });
}

async function callsMade(request: ServiceRequest, script: Script): Promise<number> {
  const { cloud, call } = await connected(usualCloud().on(SERVERS, script));
  await call(request).catch(() => undefined);
  return cloud.calls.length;
}

describe('a session', () => {
  it('finds no service that clouds.yaml says the cloud has not, and asks nobody', async () => {
    const cloud = usualCloud();
    const services = {
      ...cloudConfig().services,
      network: { ...noOptions, isDisabled: true },
    };
    const session = cloud.session(cloudConfig({ services }));
    assert.equal(await session.service('network', never()), undefined);
    assert.deepEqual(cloud.take(), []);
  });

  it('calls nothing before it is asked', async () => {
    const cloud = usualCloud();
    cloud.session(cloudConfig());
    await settle();
    assert.deepEqual(cloud.log, []);
  });

  it('finds each service once, for all who ask', async () => {
    const cloud = usualCloud();
    const session = cloud.session(cloudConfig());
    const types = ['compute', 'compute', 'network', 'image', 'block-storage'] as const;
    const services = await Promise.all(types.map((type) => session.service(type, never())));
    assert.equal(services[0], services[1]);
    assert.equal(await session.service('compute', never()), services[0]);
    assert.deepEqual(cloud.take().toSorted(), [
      'GET http://cinder/v3/',
      'GET http://glance/',
      'GET http://neutron/',
      'GET http://nova/v2.1/',
      TOKENS,
    ]);
    const microversions = services.map((service) => service?.maxMicroversion);
    assert.deepEqual(microversions, ['2.93', '2.93', undefined, undefined, '3.70']);
    for (const service of services)
      await service?.call({ method: 'GET', path: 'x' }, never()).catch(() => 0);
    assert.deepEqual(cloud.log, [
      `GET http://nova/v2.1/x`,
      `GET http://nova/v2.1/x`,
      `GET http://neutron/v2.0/x`,
      `GET http://glance/v2/x`,
      `GET http://cinder/v3/P1/x`,
    ]);
  });

  it('looks for a service again after it failed', async () => {
    const cloud = usualCloud().on('GET http://nova/v2.1/', { status: 500 });
    const session = cloud.session(cloudConfig());
    const failing = assert.rejects(session.service('compute', never()));
    await cloud.clock.advance(10_000);
    await failing;
    cloud.on('GET http://nova/v2.1/', versionReply('v2.1', '2.1', '2.93'));
    assert.equal((await session.service('compute', never()))?.maxMicroversion, '2.93');
  });

  it('has no service that the catalog does not have', async () => {
    const cloud = usualCloud().on(
      TOKENS,
      tokenReply('t', 3600, [
        {
          type: 'compute',
          endpoints: [{ interface: 'public', region_id: 'R', url: 'http://nova/v2.1' }],
        },
      ]),
    );
    const session = cloud.session(cloudConfig());
    assert.equal(await session.service('block-storage', never()), undefined);
    assert.ok(await session.service('compute', never()));
  });

  it('says so where keystone gives no catalog', async () => {
    const cloud = usualCloud().on(TOKENS, tokenReply('t', 3600, []));
    await assert.rejects(cloud.session(cloudConfig()).service('compute', never()), (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match((error as CloudError).hint ?? '', /project .* mycloud/);
      return true;
    });
  });

  it('takes the endpoint of the configuration, with the project in it', async () => {
    const { services } = cloudConfig();
    const endpointOverride = 'http://own/volume/v3/%(project_id)s';
    const cloud = usualCloud().on('http://own/volume/v3/P1/limits', { json: {} });
    const session = cloud.session(
      cloudConfig({
        services: { ...services, 'block-storage': { ...noOptions, endpointOverride } },
      }),
    );
    const service = await session.service('block-storage', never());
    await service?.call({ method: 'GET', path: 'limits' }, never());
    assert.equal(cloud.log.at(-1), 'GET http://own/volume/v3/P1/limits');
  });

  it('needs no keystone where the configuration has token and endpoint', async () => {
    const auth = { method: 'none', token: 'admin', endpoint: 'http://nova/v2.1' } as const;
    const cloud = usualCloud().on(SERVERS, { json: {} });
    const { call } = await connected(cloud, { auth });
    await call(get);
    assert.deepEqual(cloud.log, [`GET ${SERVERS}`]);
    assert.equal(cloud.calls[0]?.headers['x-auth-token'], 'admin');
    const bad = { ...auth, token: 'hush\n' };
    assert.throws(
      () => cloud.session(cloudConfig({ auth: bad })),
      (error: Error) => !error.message.includes('hush'),
    );
  });

  it('ends all calls when it is closed', async () => {
    const { session, compute, cloud } = await connected(usualCloud().on(SERVERS, 'hang'));
    const ending = assert.rejects(compute.call(get, never()), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    await settle();
    await session.close();
    await ending;
    await assert.rejects(compute.call(get, never()), (error) => hasCode(error, 'NP_ABORTED'));
    assert.equal(cloud.clock.pending, 0);
  });
});

describe('a call to a service', () => {
  it('has token, query, body and microversion', async () => {
    const cloud = usualCloud().on(`POST ${SERVERS}?a=1&b=2&b=3`, {
      status: 202,
      json: { ok: 1 },
      headers: { 'x-a': 'b' },
    });
    const { call } = await connected(cloud);
    const query = { a: '1', b: ['2', '3'], c: undefined };
    const answer = await call({ ...post, query, microversion: '2.100' });
    assert.deepEqual(
      [answer.status, answer.body, answer.headers.get('x-a')],
      [202, { ok: 1 }, 'b'],
    );
    const [seen] = cloud.calls;
    assert.equal(seen?.body, '{"server":{}}');
    assert.equal(seen.headers['x-auth-token'], 'token-1');
    assert.equal(seen.headers['content-type'], 'application/json');
    assert.equal(seen.headers['openstack-api-version'], 'compute 2.93');
    assert.equal(seen.headers['x-openstack-nova-api-version'], '2.93');
  });

  it('has no microversion unless one is asked for, or that of the configuration', async () => {
    const cloud = usualCloud().on(SERVERS, {});
    const { call } = await connected(cloud);
    await call(get);
    assert.equal(cloud.calls[0]?.headers['openstack-api-version'], undefined);
    const { services } = cloudConfig();
    const compute = { ...noOptions, defaultMicroversion: '2.60' };
    const fixed = await connected(usualCloud().on(SERVERS, {}), {
      services: { ...services, compute },
    });
    await fixed.call({ ...get, microversion: '2.47' });
    assert.equal(fixed.cloud.calls[0]?.headers['openstack-api-version'], 'compute 2.60');
  });

  it('sends a stream anew for each try, and its length', async () => {
    const cloud = usualCloud().on(SERVERS, [{ status: 503 }, { status: 204 }]);
    const { call } = await connected(cloud);
    const stream = async function* () {
      yield await Promise.resolve(Buffer.from('ab'));
      yield Buffer.from('c');
    };
    await call({ method: 'PUT', path: 'servers', stream, streamBytes: 3 });
    assert.deepEqual(
      cloud.calls.map(({ body }) => body),
      ['abc', 'abc'],
    );
    assert.equal(cloud.calls[0]?.headers['content-length'], '3');
    assert.equal(cloud.calls[0].headers['content-type'], 'application/octet-stream');
  });

  it('gets an answer without JSON, too', async () => {
    const { call } = await connected(
      usualCloud().on(SERVERS, [{ status: 204 }, { text: '<html>' }]),
    );
    assert.equal((await call(get)).body, undefined);
    assert.equal((await call(get)).body, undefined);
  });

  it('gets the refusals that it expects, and errors for all others', async () => {
    const { call, failure } = await connected(
      usualCloud().on(SERVERS, { status: 409, json: { a: 1 } }),
    );
    assert.equal((await call({ ...get, expect: [404, 409] })).status, 409);
    const isAnswer = (status: number, body: unknown) =>
      status === 409 && JSON.stringify(body) === '{"a":1}';
    assert.equal((await call({ ...get, isAnswer })).status, 409);
    assert.match(
      (await failure({ ...get, expect: [404] })).message,
      /^GET compute servers: status 409/,
    );
  });

  it('shows no query and no token in its errors and logs', async () => {
    const lines: unknown[] = [];
    const note = (...all: unknown[]): void => void lines.push(all);
    const log: Logger = {
      debug: note,
      info: note,
      warn: note,
      error: note,
      with: () => log,
      named: () => log,
    };
    const cloud = usualCloud().on(`${SERVERS}?key=hush`, new TypeError('header token-1 of hush'));
    const { failure } = await connected(cloud, {}, { log });
    const error = await failure({ ...get, query: { key: 'hush' } });
    assert.match(error.message, /^GET compute servers: no answer from http:\/\/nova$/);
    assert.equal(error.cause, undefined);
    assert.doesNotMatch(JSON.stringify(lines), /hush|token-1/);
    assert.ok(lines.length > 0);
  });

  it('follows the same server to another place when it reads, nobody else', async () => {
    const cloud = usualCloud()
      .on(SERVERS, { status: 302, headers: { location: '/v2.1/other' } })
      .on('http://nova/v2.1/other', { json: 1 });
    const { call, failure } = await connected(cloud);
    assert.equal((await call(get)).body, 1);
    assert.match((await failure(post)).message, /status 302/);
    cloud.take();
    cloud.on(SERVERS, { status: 302, headers: { location: 'http://evil/v2.1/servers' } });
    assert.equal((await failure(get)).code, 'NP_CLOUD_FATAL');
    cloud.on(SERVERS, { status: 301, headers: { location: SERVERS } });
    assert.match((await failure(get)).message, /status 301/);
    assert.ok(cloud.log.every((one) => one === `GET ${SERVERS}`));
    assert.ok(cloud.log.length < 10);
  });

  it('is ended by its own deadline, or by a multiple of the usual one', async () => {
    const { cloud, compute } = await connected(usualCloud().on(SERVERS, 'hang'), {
      apiTimeoutSeconds: 7,
    });
    const first = assert.rejects(compute.call(post, never()), /within 7 s/);
    await cloud.clock.advance(7_000);
    await first;
    const second = assert.rejects(
      compute.call({ ...post, timeoutSeconds: 90 }, never()),
      /within 90 s/,
    );
    await cloud.clock.advance(90_000);
    await second;
    const third = assert.rejects(compute.call({ ...post, patience: 4 }, never()), /within 28 s/);
    await cloud.clock.advance(28_000);
    await third;
  });

  it('waits for its turn; each service has a budget of its own', async () => {
    const cloud = usualCloud().on(SERVERS, {}).on('http://neutron/v2.0/ports', {});
    const { session, compute } = await connected(cloud, {}, { callsPerSecond: 0.5 });
    const network = session.service('network', never());
    await cloud.clock.advance(10_000);
    cloud.take();
    const startMs = cloud.clock.monotonic();
    const ports = (await network)?.call({ method: 'GET', path: 'ports' }, never());
    const both = Promise.all([compute.call(get, never()), compute.call(get, never()), ports]);
    await cloud.clock.advance(10_000);
    await both;
    const times = (url: string) =>
      cloud.calls.filter((one) => one.url === url).map(({ atMs }) => atMs - startMs);
    assert.deepEqual(times(SERVERS), [0, 2000]);
    assert.deepEqual(times('http://neutron/v2.0/ports'), [0]);
  });
});

describe('a token that a service refuses', () => {
  it('is renewed once for all, and the calls are made again', async () => {
    const cloud = usualCloud().on(SERVERS, ({ headers }) => ({
      status: headers['x-auth-token'] === 'token-1' ? 401 : 200,
    }));
    const { compute } = await connected(cloud);
    const all = [get, post, get].map((request) => compute.call(request, never()));
    for (const { status } of await Promise.all(all)) assert.equal(status, 200);
    assert.equal(cloud.log.filter((one) => one === TOKENS).length, 1);
    assert.equal(cloud.calls.length, 7);
  });

  it('is an error where the new one is refused, too', async () => {
    const { cloud, failure } = await connected(usualCloud().on(SERVERS, { status: 401 }));
    const error = await failure(post);
    assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
    assert.ok(!hasLabel(error, 'ambiguous'));
    assert.ok(cloud.log.filter((one) => one === TOKENS).length <= 6);
  });

  it('is an error where keystone refuses a new one', async () => {
    const { cloud, failure } = await connected(usualCloud().on(SERVERS, { status: 401 }));
    cloud.on(TOKENS, { status: 401 });
    assert.equal((await failure(get)).code, 'NP_CLOUD_FATAL');
    assert.deepEqual(cloud.log, [`GET ${SERVERS}`, TOKENS]);
  });
});

describe('a call that failed', () => {
  const failures: readonly [string, Script, 'both' | 'reading only'][] = [
    ['status 500', { status: 500 }, 'reading only'],
    ['status 503', { status: 503 }, 'reading only'],
    ['a lost connection', networkError('ECONNRESET'), 'reading only'],
    ['an unknown error', new TypeError('what?'), 'reading only'],
    ['no answer in time', 'hang', 'reading only'],
    ['a refused connection', networkError('ECONNREFUSED'), 'both'],
    ['an unknown name', networkError('ENOTFOUND'), 'both'],
    ['an unknown certificate', networkError('SELF_SIGNED_CERT_IN_CHAIN'), 'both'],
  ];
  for (const [what, script, who] of failures)
    it(`with ${what} is made again by ${who}`, async () => {
      assert.equal(await callsMade(get, script), 3);
      assert.equal(await callsMade(post, script), who === 'both' ? 3 : 1);
      assert.equal(await callsMade({ ...post, isRepeatable: true }, script), 3);
      const deletion = { method: 'DELETE', path: 'servers' } as const;
      assert.equal(await callsMade(deletion, script), 3);
      const once = who === 'both' ? 3 : 1;
      assert.equal(await callsMade({ ...deletion, isRepeatable: false }, script), once);
    });

  it('for patience is made again when the service says, whatever it does', async () => {
    for (const status of [429, 503, 413])
      assert.equal(
        await callsMade(post, [{ status, headers: { 'retry-after': '5' } }, { status: 202 }]),
        2,
      );
  });

  it('with a clear refusal is not made again', async () => {
    for (const status of [400, 403, 404]) assert.equal(await callsMade(get, { status }), 1);
  });

  it('tells a creation whose answer got lost from one that never was', async () => {
    const lost = await connected(usualCloud().on(SERVERS, networkError('ECONNRESET')));
    const error = await lost.failure(post);
    assert.ok(hasLabel(error, 'retryable') && hasLabel(error, 'ambiguous'));
    assert.match(error.message, /no answer from http:\/\/nova: connect ECONNRESET/);
    const refused = await connected(usualCloud().on(SERVERS, networkError('ECONNREFUSED')));
    assert.ok(!hasLabel(await refused.failure(post), 'ambiguous'));
  });

  it('hints at the certificate authority where the certificate is not known', async () => {
    const script = networkError('SELF_SIGNED_CERT_IN_CHAIN');
    const { failure } = await connected(usualCloud().on(SERVERS, script));
    assert.match((await failure(get)).hint ?? '', /cacert in clouds\.yaml/);
  });
});
