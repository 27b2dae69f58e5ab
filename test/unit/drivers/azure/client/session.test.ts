import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';

import { CLIENT_SECRET } from '../../../../../fixtures/azure-cloud/login.ts';
import { CloudError, hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import { Desk, never, PRINCIPAL } from './opened.ts';

const tokens = ({ cloud }: Desk): number =>
  cloud.calls.filter((call) => call === 'POST token').length;

describe('azure: a session', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });
  afterEach(() => {
    desk.close();
  });

  /** The error with which it does not open, which shows neither secret nor what else is in the file. */
  async function problem(): Promise<CloudError> {
    const error: unknown = await desk.open().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CloudError, String(error));
    const shown = `${error.message} ${error.hint ?? ''} ${String(error.cause)}`;
    assert.ok(!shown.includes(CLIENT_SECRET) && !shown.includes('s3cret'), shown);
    return error;
  }

  it('has a token at once, once for all calls, until shortly before its end', async () => {
    const { services } = await desk.open();
    assert.equal(tokens(desk), 1);
    await desk.settle(Promise.all([1, 2, 3].map(() => services.machines.list(never()))));
    await desk.clock.advance(3_400_000);
    await desk.settle(services.machines.list(never()));
    assert.equal(tokens(desk), 1);
    await desk.clock.advance(100_000);
    await desk.settle(Promise.all([1, 2, 3].map(() => services.machines.list(never()))));
    assert.equal(tokens(desk), 2);
  });

  it('has another token where Azure refuses the one that it has', async () => {
    const { services } = await desk.open();
    desk.cloud.login.revokeAll();
    await desk.settle(services.machines.list(never()));
    assert.equal(tokens(desk), 2);
  });

  it('gives up a call whose fresh token is refused, too, and says what that may mean', async () => {
    const { services } = await desk.open();
    desk.cloud.arm({ call: 'GET virtualMachines', mode: 'fail', status: 401, times: 100 });
    await assert.rejects(desk.settle(services.machines.list(never())), (error) => {
      assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_TRANSIENT'));
      assert.match(error.hint ?? '', /right tenant/);
      return true;
    });
  });

  it('does not open with a wrong secret, and says which file holds it', async () => {
    desk.cloud.login.secret = 'another';
    const { code, message, hint = '' } = await problem();
    assert.equal(code, 'NP_CLOUD_FATAL');
    assert.match(message, /^POST identity .*: status 401.*invalid_client: AADSTS7000215/);
    assert.ok(hint.includes(desk.authPath) && hint.includes('azure-provider (section)'), hint);
    assert.equal(tokens(desk), 1, 'a wrong secret is not tried twice');
  });

  it('hides the secret where Azure repeats it', async () => {
    const body = { error: 'invalid_client', error_description: `no: ${CLIENT_SECRET}` };
    desk.cloud.arm({ call: 'POST token', mode: 'fail', status: 401, body });
    assert.match((await problem()).message, /no: \*\*\*/);
  });

  it('does not open for a tenant that there is not', async () => {
    desk.writeAuth({ ...PRINCIPAL, tenantId: '00000000-0000-0000-0000-000000000000' });
    const error = await problem();
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.message, /AADSTS90002/);
  });

  for (const [what, content, text] of [
    ['no JSON', '{clientSecret: s3cret', /auth\.json is no JSON$/],
    ['a list', '["s3cret"]', /auth\.json lacks or has a wrong object$/],
    ['no secret', { ...PRINCIPAL, clientSecret: '' }, /lacks or has a wrong clientSecret$/],
    ['little', { clientSecret: 's3cret' }, /a wrong clientId, tenantId, subscriptionId$/],
    [
      'an address without TLS',
      { ...PRINCIPAL, resourceManagerEndpointUrl: 'http://s3cret' },
      /a wrong resourceManagerEndpointUrl$/,
    ],
  ] as const)
    it(`does not open with a file that holds ${what}`, async () => {
      desk.writeAuth(content);
      const { code, message, hint = '' } = await problem();
      assert.equal(code, 'NP_CLOUD_FATAL');
      assert.match(message, /^provider azure-provider: /);
      assert.match(message, text);
      assert.match(hint, /auth-path at section/);
      assert.deepEqual(desk.cloud.calls, []);
    });

  it('does not open without the file, and opens once it is there', async () => {
    rmSync(desk.authPath);
    assert.match((await problem()).message, /auth\.json cannot be read: ENOENT/);
    desk.writeAuth(PRINCIPAL);
    await desk.open();
  });

  it('takes a new secret from the file without a restart', async () => {
    const { services } = await desk.open();
    desk.cloud.login.secret = 'rotated~1';
    await desk.clock.advance(3_600_000);
    await assert.rejects(desk.settle(services.machines.list(never())), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    desk.writeAuth({ ...PRINCIPAL, clientSecret: 'rotated~1' });
    assert.deepEqual(await desk.settle(services.machines.list(never())), []);
  });

  it('goes on with a token that is good while Entra ID is away', async () => {
    const { services } = await desk.open();
    desk.cloud.arm({ call: 'POST token', mode: 'fail', status: 503, times: 100 });
    await desk.clock.advance(3_500_000);
    assert.deepEqual(await desk.settle(services.machines.list(never())), []);
  });

  it('opens though Entra ID stumbles, asks for patience, or loses an answer', async () => {
    desk.cloud.arm({ call: 'POST token', mode: 'fail', status: 500 });
    desk.cloud.arm({ call: 'POST token', mode: 'throttle', retryAfterSeconds: 7 });
    desk.cloud.arm({ call: 'POST token', mode: 'lose' });
    await desk.open();
    assert.equal(tokens(desk), 4);
    assert.ok(desk.clock.monotonic() >= 7000, 'not before it may');
  });

  it('is told that nobody answers', async () => {
    desk.cloud.arm({ call: 'POST token', mode: 'reset', times: 100 });
    const error = await problem();
    assert.ok(hasLabel(error, 'unreachable'));
    assert.match(error.message, /^POST identity .*: no answer from https:\/\/login/);
  });

  it('goes to the addresses of the file', async () => {
    const seen: string[] = [];
    desk.writeAuth({
      ...PRINCIPAL,
      activeDirectoryEndpointUrl: 'https://login.example.test/',
      resourceManagerEndpointUrl: 'https://arm.example.test//',
    });
    const httpClient = {
      sendRequest: (request: { url: string }): Promise<never> => {
        seen.push(new URL(request.url).origin);
        return Promise.reject(new Error('away'));
      },
    };
    const credential = {
      getToken: () =>
        Promise.resolve({ token: 'given', expiresOnTimestamp: desk.clock.now() + 3_600_000 }),
    };
    const { services } = await desk.open({ httpClient, credential });
    for (const call of [services.machines, services.disks])
      await assert.rejects(desk.settle(call.list(never())));
    await assert.rejects(desk.settle(services.network.interfaces(never())));
    assert.deepEqual([...new Set(seen)], ['https://arm.example.test']);
    await assert.rejects(desk.open({ httpClient }));
    assert.ok(seen.includes('https://login.example.test'));
  });

  it('tells of each request with its service', async () => {
    const { services } = await desk.open();
    await desk.settle(services.machines.list(never()));
    await desk.settle(services.network.interfaces(never()));
    desk.cloud.arm({ call: 'GET disks', mode: 'reset' });
    await desk.settle(services.disks.list(never()));
    const told = desk.requests.map(
      ({ service, method, status }) => `${service} ${method} ${status ?? '-'}`,
    );
    assert.deepEqual(told, [
      'identity POST 200',
      'compute GET 200',
      'network GET 200',
      'compute GET -',
      'compute GET 200',
    ]);
  });

  it('calls nothing any more once it is closed', async () => {
    const session = await desk.open();
    desk.cloud.arm({ call: 'GET virtualMachines', mode: 'hang' });
    const hanging = assert.rejects(session.services.machines.list(never()), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    session.close();
    await desk.settle(hanging);
    const { length } = desk.cloud.calls;
    await assert.rejects(desk.settle(session.services.disks.list(never())));
    assert.equal(desk.cloud.calls.length, length);
  });
});
