/** Our client and the real keystone: each way to sign in, refusals, renewal. */
import assert from 'node:assert/strict';
import { ManualClock } from '../../../fixtures/clock.ts';
import { hasCode, type CloudError } from '../../../shared/base/errors.ts';
import type { Logger } from '../../../shared/base/log.ts';
import type { Session } from '../../../shared/drivers/openstack/client/service.ts';
import { Accounts, rawToken } from './accounts.ts';
import { Desk } from './desk.ts';
import { servicesOrSkip } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';

/** Of clouds.yaml. */
type Entry = Readonly<Record<string, unknown>>;

const never = new AbortController().signal;

describe('signing in to a real keystone', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  let desk: Desk;
  let accounts: Accounts;
  const made: { drop(): Promise<void> }[] = [];
  before(async function () {
    services = await servicesOrSkip(this);
    desk = await Desk.make(services);
    made.push(desk);
    accounts = await Accounts.make(services, desk);
    made.unshift(accounts);
  });
  afterEach(() => desk.tidy());
  after(async () => {
    for (const one of made) await one.drop();
    await stopServices();
  });

  const inProject = (): object => ({
    ...{ auth_url: desk.authUrl, project_name: desk.tenant.name },
    project_domain_name: 'Default',
  });
  const asDomainUser = (): object => ({
    ...{ auth_url: desk.authUrl, password: accounts.password },
    ...{ username: accounts.name, user_domain_name: accounts.name },
  });

  /** The session is good for calls of the tenant's project. */
  async function assertInProject(session: Session): Promise<void> {
    assert.equal(await session.projectId(never), desk.tenant.rest.projectId);
    const network = await session.service('network', never);
    const answer = await network?.call({ method: 'GET', path: 'networks' }, never);
    assert.equal(answer?.status, 200);
  }

  /** What each way has in its entry of clouds.yaml. */
  const ways: Readonly<Record<string, () => Promise<Entry>>> = {
    'a password': () => Promise.resolve({ auth: desk.password }),
    'a password, domains by id': () =>
      Promise.resolve({
        auth: {
          ...{ ...inProject(), project_domain_name: undefined, project_domain_id: 'default' },
          ...{ username: desk.tenant.name, password: desk.tenant.password },
          user_domain_id: 'default',
        },
      }),
    'ids of user and project': () =>
      Promise.resolve({
        auth: {
          ...{ auth_url: desk.authUrl, password: desk.tenant.password },
          ...{ user_id: desk.tenant.rest.userId, project_id: desk.tenant.rest.projectId },
        },
      }),
    'a user of another domain': () =>
      Promise.resolve({ auth: { ...inProject(), ...asDomainUser() } }),
    'a user of another domain by its id': () =>
      Promise.resolve({
        auth: {
          ...{ ...inProject(), ...asDomainUser(), user_domain_name: undefined },
          user_domain_id: accounts.domainId,
        },
      }),
    'an application credential': async () => {
      const { id, secret } = await accounts.credential('by id');
      return {
        auth_type: 'v3applicationcredential',
        auth: {
          ...{ auth_url: desk.authUrl, application_credential_id: id },
          application_credential_secret: secret,
        },
      };
    },
    'an application credential by its name': async () => {
      const { secret } = await accounts.credential('by name');
      return {
        auth_type: 'v3applicationcredential',
        auth: {
          ...{ auth_url: desk.authUrl, application_credential_name: 'by name' },
          ...{ application_credential_secret: secret },
          ...{ username: desk.tenant.name, user_domain_name: 'Default' },
        },
      };
    },
    'a token that exists': async () => ({
      auth_type: 'v3token',
      auth: { ...inProject(), token: (await rawToken(services, desk)).id },
    }),
    'a trust': async () => ({
      auth_type: 'v3password',
      auth: { ...asDomainUser(), trust_id: await accounts.trust() },
    }),
    'an address without a version': () =>
      Promise.resolve({
        auth: { ...desk.password, auth_url: desk.authUrl.replace(/\/v3$/, '/') },
      }),
  };
  for (const [what, entryOf] of Object.entries(ways))
    it(`works with ${what}`, async () => {
      await assertInProject(await desk.session(await entryOf()));
      assert.equal(desk.signIns, 1);
    });

  it('works for a domain and for the system, with a catalog and without a project', async () => {
    const scopes = [
      { ...asDomainUser(), domain_name: accounts.name },
      { ...asDomainUser(), domain_id: accounts.domainId },
      {
        ...{ auth_url: desk.authUrl, username: desk.tenant.name, user_domain_name: 'Default' },
        ...{ password: desk.tenant.password, system_scope: 'all' },
      },
    ];
    for (const auth of scopes) {
      const session = await desk.session({ auth });
      assert.equal(await session.projectId(never), undefined);
      const compute = await session.service('compute', never);
      assert.match(compute?.maxMicroversion ?? '', /^2\.\d+$/);
    }
  });

  it('says so where the user has no project', async () => {
    const session = await desk.session({
      auth: { ...asDomainUser(), unscoped: true },
    });
    await assert.rejects(session.service('compute', never), (error) => {
      assert.match(wordsOf(error), /without a catalog.*name a project/s);
      return true;
    });
  });

  /** What is wrong in auth, and what the error must name. */
  const mistakes: readonly (readonly [what: string, auth: object, named: RegExp])[] = [
    ['a wrong password', { password: 'hush-hush' }, /user nodepool-\w+, project nodepool-/],
    ['an unknown user', { username: 'nobody' }, /user nobody/],
    ['an unknown project', { project_name: 'nowhere' }, /project nowhere/],
    ['an unknown domain', { user_domain_name: 'elsewhere' }, /user nodepool-/],
  ];
  for (const [what, auth, named] of mistakes)
    it(`names ${what} and where it stands, and shows no password`, async () => {
      const { log, text } = heard();
      const session = await desk.session({ auth: { ...desk.password, ...auth } }, { log });
      const error = await failure(session.service('compute', never));
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      const words = wordsOf(error);
      assert.match(words, named);
      assert.match(words, /status 401 \(req-[-0-9a-f]{36}\)/);
      assert.ok(words.includes(desk.authUrl), words);
      assert.match(words, /entry desk of clouds\.yaml/);
      for (const secret of ['hush-hush', desk.tenant.password])
        assert.ok(!`${words}${text()}`.includes(secret), 'the password is shown');
      assert.equal(desk.signIns, 1, 'it is not tried again');
    });

  it('refuses credentials and tokens that keystone does not know, and shows none', async () => {
    const entries = [
      {
        auth_type: 'v3applicationcredential',
        auth: {
          ...{ auth_url: desk.authUrl, application_credential_id: 'c0ffee' },
          application_credential_secret: 'hush-hush',
        },
      },
      { auth_type: 'v3token', auth: { ...inProject(), token: 'hush-hush' } },
    ];
    for (const entry of entries) {
      const session = await desk.session(entry);
      const error = await failure(session.projectId(never));
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'), wordsOf(error));
      assert.match(
        wordsOf(error),
        /(refuses|does not know) (application credential c0ffee|the token of the entry)/,
      );
      assert.ok(!wordsOf(error).includes('hush-hush'));
    }
  });

  it('names the address where no keystone is', async () => {
    const auth = { ...desk.password, auth_url: `${desk.authUrl}/nowhere/v3` };
    const error = await failure((await desk.session({ auth })).projectId(never));
    assert.match(wordsOf(error), /there is no keystone at http:.*nowhere\/v3/);
  });

  it('signs in anew before the token ends', async () => {
    const { lifeMs } = await rawToken(services, desk);
    const clock = new ManualClock(Date.now());
    const session = await desk.session({}, { clock });
    await assertInProject(session);
    await clock.advance(lifeMs - 125_000);
    await assertInProject(session);
    assert.equal(desk.signIns, 1);
    await clock.advance(10_000);
    await assertInProject(session);
    assert.equal(desk.signIns, 2);
  });

  it('signs in anew when its token has been revoked, once for all calls', async () => {
    const session = await desk.session();
    // Nobody has seen the token yet but keystone, so nobody trusts it unasked.
    const image = await session.service('image', never);
    assert.ok(image);
    await desk.tenant.revokeTokens();
    desk.proxy.forget();
    const calls = Array.from({ length: 10 }, () =>
      image.call({ method: 'GET', path: 'images' }, never),
    );
    for (const answer of await Promise.all(calls)) assert.equal(answer.status, 200);
    assert.equal(desk.signIns, 1);
    const asked = desk.proxy.counts()['image GET /images'] ?? 0;
    assert.ok(asked > 10, `calls: ${asked}, none was refused`);
  });
});

/** The whole of what an operator is shown. */
function wordsOf(error: unknown): string {
  const { message, hint } = error as CloudError;
  return `${message}\n${hint ?? ''}`;
}

async function failure(result: Promise<unknown>): Promise<unknown> {
  let failed: unknown;
  await assert.rejects(result, (error) => {
    failed = error;
    return true;
  });
  return failed;
}

/** A logger, and all that it was told. */
function heard(): { readonly log: Logger; readonly text: () => string } {
  const lines: unknown[] = [];
  const note = (...line: unknown[]): void => void lines.push(line);
  const log: Logger = {
    ...{ debug: note, info: note, warn: note, error: note },
    ...{ with: () => log, named: () => log },
  };
  return { log, text: () => JSON.stringify(lines) };
}
