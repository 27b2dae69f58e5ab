import assert from 'node:assert/strict';

import { hasCode, hasLabel, type CloudError } from '../../../../../shared/base/errors.ts';
import type { Authentication } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import { SECRET, cloudConfig } from '../cloud-config.ts';
import { TOKENS, never, tokenReply, usualCloud } from './scripted-cloud.ts';

const at = (authUrl: string): Partial<Parameters<typeof cloudConfig>[0]> => {
  const { auth } = cloudConfig();
  return { auth: { ...auth, authUrl } as Authentication };
};

/** What the session says of its token, and what it called for it. */
async function issued(cloud = usualCloud(), changes: Parameters<typeof cloudConfig>[0] = {}) {
  const session = cloud.session(cloudConfig(changes));
  const running = session.projectId(never());
  running.catch(() => undefined);
  await cloud.clock.advance(60_000);
  return running;
}

async function failure(
  cloud: ReturnType<typeof usualCloud>,
  changes: Parameters<typeof cloudConfig>[0] = {},
): Promise<CloudError> {
  return issued(cloud, changes).then(
    () => assert.fail('there should be no token'),
    (error: unknown) => error as CloudError,
  );
}

describe('keystone', () => {
  it('gives a token to a user with a password, in one call', async () => {
    const cloud = usualCloud();
    assert.equal(await issued(cloud), 'P1');
    assert.deepEqual(cloud.log, [TOKENS]);
    const [call] = cloud.calls;
    assert.equal(call?.headers['content-type'], 'application/json');
    assert.match(call.headers['user-agent'] ?? '', /^nodepool-ts\/\d/);
    assert.ok(call.body.includes(SECRET));
  });

  const versions = {
    versions: {
      values: [
        { id: 'v3.14', links: [{ rel: 'self', href: 'http://10.0.0.1:5000/v3/' }] },
        { id: 'v2.0', links: [{ rel: 'self', href: 'http://10.0.0.1:5000/v2.0/' }] },
      ],
    },
  };
  for (const authUrl of ['http://keystone', 'http://keystone/', 'http://keystone/v2.0/'])
    it(`is asked for its versions where the address does not tell it: ${authUrl}`, async () => {
      const cloud = usualCloud().on('GET http://keystone/', { status: 300, json: versions });
      assert.equal(await issued(cloud, at(authUrl)), 'P1');
      assert.deepEqual(cloud.log, ['GET http://keystone/', TOKENS]);
    });

  it('keeps its path behind a proxy', async () => {
    const cloud = usualCloud()
      .on('GET https://cloud/identity/', { status: 300, json: versions })
      .on('POST https://cloud/identity/v3/auth/tokens', tokenReply('t'));
    assert.equal(await issued(cloud, at('https://cloud/identity')), 'P1');
  });

  it('is taken for a version 3 where its root is closed', async () => {
    const cloud = usualCloud().on('GET http://keystone/', { status: 403, text: 'no' });
    assert.equal(await issued(cloud, at('http://keystone')), 'P1');
  });

  it('must speak version 3', async () => {
    const old = { versions: { values: [{ id: 'v2.0' }] } };
    const cloud = usualCloud().on('GET http://keystone/', { status: 300, json: old });
    const error = await failure(cloud, at('http://keystone'));
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.message, /no version 3, but v2\.0/);
  });

  it('refuses a wrong password for good; the error says who, where and never what', async () => {
    const said = `{"error":{"code":401,"message":"${SECRET} is not the password of zuul"}}`;
    const cloud = usualCloud().on(TOKENS, {
      ...{ status: 401, text: said },
      headers: { 'x-openstack-request-id': 'req-1' },
    });
    const error = await failure(cloud);
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.equal(cloud.calls.length, 1);
    assert.match(error.message, /status 401 \(req-1\): \*\*\* is not the password of zuul/);
    for (const word of ['mycloud', 'http://keystone/v3', 'user zuul', 'project ci'])
      assert.ok(error.hint?.includes(word), word);
    const all = [error.message, error.hint, error.stack, String(error.cause)].join();
    assert.ok(!all.includes(SECRET));
  });

  it('is not where the address says: the error names the option', async () => {
    const error = await failure(usualCloud(), at('http://other/v3'));
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.hint ?? '', /auth_url in entry mycloud/);
  });

  it('says 404 of credentials, too: the error names both', async () => {
    const json = { error: { code: 404, message: 'Could not find Application Credential: c1.' } };
    const error = await failure(usualCloud().on(TOKENS, { status: 404, json }), {
      auth: {
        ...{ method: 'application-credential', authUrl: 'http://keystone/v3', secret: SECRET },
        credential: { id: 'c1' },
      },
    });
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.hint ?? '', /does not know application credential c1/);
  });

  it('shows no secret in what it says of a request that it does not understand', async () => {
    const json = { error: { message: `'${SECRET}' is not of type 'x'`, code: 400 } };
    const error = await failure(usualCloud().on(TOKENS, { status: 400, json }));
    assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
    assert.match(error.message, /'\*\*\*' is not of type/);
  });

  it('is asked again when it stumbles', async () => {
    const cloud = usualCloud().on(TOKENS, [{ status: 503 }, new Error('lost'), tokenReply('t')]);
    assert.equal(await issued(cloud), 'P1');
    assert.equal(cloud.calls.length, 3);
  });

  it('is not believed where its answer has no token', async () => {
    for (const reply of [
      { status: 201, json: {} },
      { ...tokenReply('t'), headers: {} },
    ]) {
      const error = await failure(usualCloud().on(TOKENS, reply));
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.ok(hasLabel(error, 'retryable'));
    }
  });

  it('is called at no address with a password in it', async () => {
    const error = await failure(usualCloud(), at('http://me:hush@keystone/v3'));
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.ok(!error.message.includes('hush'));
  });

  it('tells the life of a token by its own clock, and it is renewed in time', async () => {
    const cloud = usualCloud({ lifeSeconds: 600 });
    const session = cloud.session(cloudConfig());
    await session.projectId(never());
    await cloud.clock.advance(539_000);
    await session.projectId(never());
    assert.equal(cloud.calls.length, 1);
    await cloud.clock.advance(1_000);
    await session.projectId(never());
    assert.equal(cloud.calls.length, 2);
  });
});
