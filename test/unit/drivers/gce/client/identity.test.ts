import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../../fixtures/clock.ts';
import { CloudError, hasCode, messageOf } from '../../../../../shared/base/errors.ts';
import { CloudCalls } from '../../../../../shared/cloud/calls.ts';
import { Transport, type FetchInit } from '../../../../../shared/cloud/http-transport.ts';
import { noAnswerError } from '../../../../../shared/drivers/gce/client/connection-errors.ts';
import type { Environment } from '../../../../../shared/drivers/gce/client/credentials.ts';
import type { Token } from '../../../../../shared/drivers/gce/client/http.ts';
import { Identity } from '../../../../../shared/drivers/gce/client/identity.ts';
import { providerConfig } from '../../../../support/provider-config.ts';
import { settleByTurning } from '../../settle-by-turning.ts';

const never = (): AbortSignal => new AbortController().signal;
const CONFIG = providerConfig(`
name: gce
driver: gce
project: p
region: r
zone: z
pools: []
`);
const SECRET = 'a-very-secret-secret';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const serviceAccount = (more: object = {}): object => ({
  type: 'service_account',
  client_email: 'launcher@p.iam.gserviceaccount.com',
  private_key: PEM,
  ...more,
});

interface Asked {
  readonly url: string;
  readonly init: FetchInit;
}
type Reply = readonly [status: number, body: unknown];

const bodyOf = (init: FetchInit | undefined): string =>
  typeof init?.body === 'string' ? init.body : '';

const GOOD: Reply = [200, { access_token: 'token-1', expires_in: 3600 }];

describe('gce: tokens', () => {
  let folder: string;
  let clock: ManualClock;
  let asked: Asked[];
  let replies: Reply[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nodepool-gce-'));
    clock = new ManualClock();
    asked = [];
    replies = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (contents: unknown, name = 'key.json'): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof contents === 'string' ? contents : JSON.stringify(contents));
    return file;
  };

  const issue = (environment: Environment): Promise<Token> => {
    const transport = new Transport({
      ...{ userAgent: 'test', clock, noAnswer: noAnswerError },
      fetch: (url, init) => {
        asked.push({ url, init });
        const [status, body] = replies.shift() ?? GOOD;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        return Promise.resolve(
          new Response(text, { status, headers: { 'content-type': 'application/json' } }),
        );
      },
    });
    // The library reads files in real time, while the clock is turned.
    const pace = { callsPerSecond: Infinity, timeoutSeconds: 10_000 };
    const calls = new CloudCalls({ clock, random: () => 0.5, ...pace });
    const identity = new Identity({ config: CONFIG, environment, clock, calls, transport });
    return settleByTurning(clock, identity.issue(never()));
  };

  const byFile = (contents: unknown): Promise<Token> =>
    issue({ GOOGLE_APPLICATION_CREDENTIALS: write(contents) });

  const fails = async (work: Promise<unknown>, code: CloudError['code']): Promise<CloudError> => {
    const error = await work.then(
      () => assert.fail('there should be no token'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CloudError && hasCode(error, code), String(error));
    for (const text of [error.message, error.hint ?? '', messageOf(error.cause)]) {
      assert.ok(!text.includes(SECRET) && !text.includes('PRIVATE KEY'), text);
      assert.ok(!/eyJ[\w-]{20}/.test(text), text);
    }
    return error;
  };

  it('are given to a service account for what its key has signed', async () => {
    const token = await byFile(serviceAccount({ quota_project_id: 'payer' }));
    assert.deepEqual(token, { text: 'token-1', lifeMs: 3_600_000, quotaProject: 'payer' });
    const [{ url, init } = assert.fail()] = asked;
    assert.equal(asked.length, 1);
    assert.equal(`${init.method} ${url}`, 'POST https://oauth2.googleapis.com/token');
    const form = new URLSearchParams(bodyOf(init));
    const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const signed = Buffer.from(`${head}.${body}`);
    assert.ok(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url')));
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    assert.equal(claims.iss, 'launcher@p.iam.gserviceaccount.com');
    assert.equal(claims.aud, 'https://oauth2.googleapis.com/token');
    assert.match(String(claims.scope), /auth\/compute\b.*auth\/cloud-platform\b/);
  });

  it('are asked for where the file says', async () => {
    await byFile(serviceAccount({ token_uri: 'https://sts.example/token' }));
    const [{ url, init } = assert.fail()] = asked;
    assert.equal(url, 'https://sts.example/token');
    const [, body = ''] = (new URLSearchParams(bodyOf(init)).get('assertion') ?? '').split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    assert.equal(claims.aud, 'https://sts.example/token');
  });

  it('are given to a user of gcloud', async () => {
    const file = { type: 'authorized_user', client_id: 'id', client_secret: SECRET };
    write({ ...file, refresh_token: 'refresh' }, 'application_default_credentials.json');
    assert.equal((await issue({ CLOUDSDK_CONFIG: folder })).text, 'token-1');
    const form = new URLSearchParams(bodyOf(asked[0]?.init));
    assert.deepEqual(
      [form.get('grant_type'), form.get('refresh_token'), form.get('client_secret')],
      ['refresh_token', 'refresh', SECRET],
    );
  });

  it('are given to an account that acts as another', async () => {
    const expireTime = new Date(clock.now() + 600_000).toISOString();
    replies = [GOOD, [200, { accessToken: 'token-2', expireTime }]];
    const token = await byFile({
      type: 'impersonated_service_account',
      source_credentials: serviceAccount(),
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/other@p.iam:generateAccessToken',
    });
    assert.equal(token.text, 'token-2');
    assert.equal(token.lifeMs, 600_000);
    assert.deepEqual(
      asked.map(({ url }) => new URL(url).host),
      ['oauth2.googleapis.com', 'iamcredentials.googleapis.com'],
    );
  });

  it('are given to a workload of another cloud', async () => {
    const subject = write('subject-token', 'subject');
    const token = await byFile({
      type: 'external_account',
      audience:
        '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: 'https://sts.googleapis.com/v1/token',
      credential_source: { file: subject },
    });
    assert.equal(token.text, 'token-1');
    assert.deepEqual(
      asked.map(({ url }) => url),
      ['https://sts.googleapis.com/v1/token'],
    );
  });

  it('are given to a machine of Google by its metadata server', async () => {
    const token = await issue({ HOME: folder });
    assert.deepEqual(token, { text: 'token-1', lifeMs: 3_600_000, quotaProject: undefined });
    const path = '/computeMetadata/v1/instance/service-accounts/default/token';
    assert.equal(asked[0]?.url, `http://metadata.google.internal${path}`);
    assert.equal(asked[0].init.headers['metadata-flavor'], 'Google');
    await issue({ GCE_METADATA_HOST: 'metadata.test:80' });
    assert.equal(asked[1]?.url, `http://metadata.test:80${path}`);
  });

  it("come from a user's own file before the metadata server, from a named one before both", async () => {
    mkdirSync(join(folder, '.config/gcloud'), { recursive: true });
    write(serviceAccount(), '.config/gcloud/application_default_credentials.json');
    await issue({ HOME: folder });
    await issue({ HOME: folder, GOOGLE_APPLICATION_CREDENTIALS: write(serviceAccount()) });
    for (const { url } of asked) assert.equal(new URL(url).host, 'oauth2.googleapis.com');
  });

  for (const [what, contents, words] of [
    ['no JSON', `{"private_key": "${SECRET}"`, /is no JSON/],
    ['no object', '"text"', /no credentials/],
    ['a kind that is not known', { type: 'strange' }, /type strange/],
    ['no key', { type: 'service_account', client_email: 'a@b' }, /without private_key/],
    ['a key that is none', serviceAccount({ private_key: SECRET }), /./],
    ['nobody to act as', { type: 'impersonated_service_account' }, /without service_account/],
    ['a token address that is none', serviceAccount({ token_uri: 'x' }), /no credentials/],
  ] as const)
    it(`are not to be had with a file that holds ${what}`, async () => {
      const error = await fails(byFile(contents), 'NP_CLOUD_FATAL');
      assert.match(error.message, words);
      assert.match(error.hint ?? '', /key\.json|GOOGLE_APPLICATION_CREDENTIALS/);
      assert.equal(asked.length, 0);
    });

  it('are not to be had with a file that is not there, which is named', async () => {
    const file = join(folder, 'none.json');
    const error = await fails(issue({ GOOGLE_APPLICATION_CREDENTIALS: file }), 'NP_CLOUD_FATAL');
    assert.ok(error.message.includes(file));
  });

  it('are not to be had without credentials outside of Google', async () => {
    const error = await fails(issue({ NO_GCE_CHECK: 'true' }), 'NP_CLOUD_FATAL');
    assert.match(error.hint ?? '', /GOOGLE_APPLICATION_CREDENTIALS/);
  });

  it('that are refused for good say so, and are asked for once', async () => {
    replies = [[400, { error: 'invalid_grant', error_description: `no ${PEM}` }]];
    const error = await fails(byFile(serviceAccount()), 'NP_CLOUD_FATAL');
    assert.match(error.message, /^provider gce: POST identity oauth2.*invalid_grant: no \*\*\*/);
    assert.match(error.hint ?? '', /key\.json/);
    assert.equal(asked.length, 1);
  });

  for (const [status, body] of [
    [503, { error: 'unavailable' }],
    [500, '<html>'],
    [400, { error: 'temporarily_unavailable' }],
    [429, ''],
  ] as const)
    it(`that are refused with ${status} ${JSON.stringify(body)} are asked for again`, async () => {
      replies = [[status, body]];
      assert.equal((await byFile(serviceAccount())).text, 'token-1');
      assert.equal(asked.length, 2);
    });

  it('of a machine without an account say so', async () => {
    replies = [[404, 'not found']];
    const error = await fails(issue({}), 'NP_CLOUD_FATAL');
    assert.match(error.hint ?? '', /service account/);
    replies = [[200, { access_token: '' }]];
    assert.match((await fails(issue({}), 'NP_CLOUD_FATAL')).message, /gives no token/);
  });

  it('follow the file', async () => {
    const file = write(serviceAccount({ token_uri: 'https://one.example/' }));
    await issue({ GOOGLE_APPLICATION_CREDENTIALS: file });
    write(serviceAccount({ token_uri: 'https://two.example/' }));
    await issue({ GOOGLE_APPLICATION_CREDENTIALS: file });
    assert.deepEqual(
      asked.map(({ url }) => url),
      ['https://one.example/', 'https://two.example/'],
    );
  });
});
