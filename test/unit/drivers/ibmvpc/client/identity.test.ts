import assert from 'node:assert/strict';

import { ManualClock } from '../../../../../fixtures/clock.ts';
import { hasCode, hasLabel, NodepoolError } from '../../../../../shared/base/errors.ts';
import { CloudCalls } from '../../../../../shared/cloud/calls.ts';
import { Transport } from '../../../../../shared/cloud/http-transport.ts';
import type { HttpDone } from '../../../../../shared/drivers/driver.ts';
import { noAnswerError } from '../../../../../shared/drivers/ibmvpc/client/connection-errors.ts';
import { Identity, type Token } from '../../../../../shared/drivers/ibmvpc/client/identity.ts';
import { library } from '../../../../../shared/drivers/ibmvpc/client/library.ts';
import { providerConfig } from '../../../../support/provider-config.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import { scriptedFetch, type Asked, type Scripted } from './scripted-fetch.ts';

const KEY = 'a key/that is+secret';
const GOOD = { access_token: tokenOf(3600), expires_in: 3600, token_type: 'Bearer' };

/** IBM's library reads the times in it. */
function tokenOf(seconds: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iat: 1_700_000_000, exp: 1_700_000_000 + seconds })}.x`;
}

function subject(
  answer: (asked: Asked, nth: number) => Scripted,
  environment: Readonly<Record<string, string>> = { VPC_APIKEY: KEY },
) {
  const clock = new ManualClock();
  const { fetch, asked } = scriptedFetch(answer);
  const config = providerConfig('name: ibm\ndriver: ibmvpc\nregion: us-south\nvpc: v\n');
  const calls = new CloudCalls({ clock, random: () => 0.5, callsPerSecond: 100 });
  const told: HttpDone[] = [];
  const onHttp = (request: HttpDone): unknown => told.push(request);
  const transport = new Transport({
    ...{ fetch, clock, userAgent: 'ours/1', noAnswer: noAnswerError, onHttp },
  });
  const identity = new Identity({
    ...{ config, calls, clock, transport },
    environment: { HOME: '/nonexistent', ...environment },
  });
  const issue = (signal = new AbortController().signal): Promise<Token> =>
    settleByTurning(clock, identity.issue(signal));
  return { asked, told, issue, clock, identity };
}

describe('tokens of IBM', () => {
  // A call that loads it first would look like one that takes time.
  before(() => library());

  it('are had from IAM by the API key', async () => {
    const { issue, asked, told } = subject(() => ({ json: GOOD }));
    const { authorization, lifeMs } = await issue();
    assert.deepEqual([authorization, lifeMs], [`Bearer ${GOOD.access_token}`, 3_600_000]);
    const [one] = asked;
    assert.equal(one?.url.href, 'https://iam.cloud.ibm.com/identity/token');
    assert.equal(one.method, 'POST');
    assert.equal(new URLSearchParams(one.body).get('apikey'), KEY);
    assert.equal(one.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(one.headers['user-agent'], 'ours/1');
    assert.deepEqual(
      told.map(({ service, method, status }) => ({ service, method, status })),
      [{ service: 'iam', method: 'POST', status: 200 }],
    );
  });

  it('are had from where VPC_AUTH_URL says, for the scope and the client of the credentials', async () => {
    const { issue, asked } = subject(() => ({ json: GOOD }), {
      ...{ VPC_AUTH_URL: 'https://iam.test/identity/token', VPC_URL: 'https://vpc.test' },
      ...{ VPC_AUTHTYPE: 'IAM', VPC_APIKEY: KEY, VPC_SCOPE: 'one two' },
      ...{ VPC_CLIENT_ID: 'me', VPC_CLIENT_SECRET: 'mine' },
    });
    await issue();
    const [one] = asked;
    assert.equal(one?.url.href, 'https://iam.test/identity/token');
    assert.equal(new URLSearchParams(one.body).get('scope'), 'one two');
    assert.equal(one.headers.authorization, `Basic ${btoa('me:mine')}`);
  });

  it('are those of another identity where the credentials say so', async () => {
    const profile = { VPC_AUTH_TYPE: 'iamAssume', VPC_APIKEY: KEY, VPC_IAM_PROFILE_ID: 'profile' };
    const assumed = { ...GOOD, access_token: tokenOf(60), expires_in: 60 };
    const { issue, asked } = subject((_, nth) => ({ json: nth === 1 ? GOOD : assumed }), profile);
    const { authorization, lifeMs } = await issue();
    assert.deepEqual([authorization, lifeMs], [`Bearer ${assumed.access_token}`, 60_000]);
    assert.equal(new URLSearchParams(asked[1]?.body).get('profile_id'), 'profile');
  });

  it('are those of the machine that we run on where the credentials say so', async () => {
    const environment = { VPC_AUTH_TYPE: 'vpc', VPC_IAM_PROFILE_CRN: 'crn:x' };
    const { issue, asked } = subject(() => ({ json: { ...GOOD, expires_in: 300 } }), environment);
    assert.equal((await issue()).lifeMs, 300_000);
    assert.equal(asked[0]?.url.hostname, '169.254.169.254');
  });

  it('are given, or none, where the credentials say so', async () => {
    const given = { VPC_AUTH_TYPE: 'bearerToken', VPC_BEARER_TOKEN: 'given' };
    const { issue, asked } = subject(() => ({}), given);
    assert.deepEqual(await issue(), { authorization: 'Bearer given', lifeMs: Infinity });
    const none = subject(() => ({}), { VPC_AUTH_TYPE: 'noAuth' });
    assert.equal((await none.issue()).authorization, '');
    assert.equal(asked.length + none.asked.length, 0);
  });

  for (const [what, environment] of [
    ['a kind that there is not', { VPC_AUTH_TYPE: 'toString', VPC_APIKEY: KEY }],
    ['a kind that lacks something', { VPC_AUTH_TYPE: 'iam' }],
    ['no key and no file of a container', { VPC_REGION: 'x' }],
  ] as const)
    it(`are refused with what to correct for credentials of ${what}`, async () => {
      await assert.rejects(subject(() => ({}), environment).issue(), (error) => {
        assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL', String(error));
        assert.match(error.hint ?? '', /correct the credentials of provider ibm .*: environment/);
        return true;
      });
    });

  for (const status of [400, 401, 403])
    it(`are refused for good with status ${status}, and nobody is told the key`, async () => {
      const echo = `no key ${KEY} nor ${encodeURIComponent(KEY)}`;
      const { issue, asked } = subject(() => ({
        status,
        json: { errorCode: 'BXNIM0415E', errorMessage: echo },
      }));
      await assert.rejects(issue(), (error) => {
        assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL', String(error));
        assert.match(error.message, new RegExp(`status ${status}: BXNIM0415E: no key \\*\\*\\*`));
        assert.ok(!JSON.stringify([error, error.message, error.cause, error.stack]).includes(KEY));
        return true;
      });
      assert.equal(asked.length, 1);
    });

  it('are asked for again where IAM stumbles', async () => {
    const ends: Scripted[] = [{ status: 500 }, { error: new Error('reset') }, { json: GOOD }];
    const { issue, asked } = subject((_, nth) => ends[nth - 1] ?? 'hang');
    await issue();
    assert.equal(asked.length, 3);
  });

  it('are asked for again where IAM does not answer, and not understood where it is no JSON', async () => {
    const { issue, asked } = subject((_, nth) => (nth === 1 ? 'hang' : { text: '<html>' }));
    await assert.rejects(issue(), (error) => hasLabel(error, 'retryable'));
    assert.equal(asked.length, 3);
  });

  it('are not waited for once that is broken off', async () => {
    const { clock, identity, asked } = subject(() => 'hang');
    const controller = new AbortController();
    const issuing = identity.issue(controller.signal);
    const ended = assert.rejects(issuing, (error) => !hasCode(error, 'NP_CLOUD_FATAL'));
    await clock.advance(1000);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('stop'));
    await ended;
  });
});
