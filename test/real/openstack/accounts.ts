/** Accounts of a test in a real keystone: a domain with a user, credentials, a trust; and all of it away again. */
import { randomBytes } from 'node:crypto';
import type { Desk } from './desk.ts';
import { Rest } from './rest.ts';
import type { OpenStackServices } from './services.ts';
import type { Resource } from './tenant.ts';

export class Accounts {
  /** Of the domain, and of its user. */
  readonly name = `domain-${randomBytes(4).toString('hex')}`;
  readonly password = randomBytes(12).toString('hex');
  domainId = '';
  userId = '';
  readonly #services: OpenStackServices;
  readonly #desk: Desk;

  private constructor(services: OpenStackServices, desk: Desk) {
    this.#services = services;
    this.#desk = desk;
  }

  /** The domain's user is a member of the domain and of the tenant's project; the tenant's of the system. */
  static async make(services: OpenStackServices, desk: Desk): Promise<Accounts> {
    const accounts = new Accounts(services, desk);
    const { name, password } = accounts;
    const { admin } = services;
    accounts.domainId = await accounts.#add('domain', { name });
    accounts.userId = await accounts.#add('user', {
      ...{ name, password, domain_id: accounts.domainId },
    });
    const { roles } = (await admin.get('identity', '/roles')) as { roles: Resource[] };
    const role = (wanted: string): string => roles.find((one) => one.name === wanted)?.id ?? '';
    const user = `users/${accounts.userId}/roles/${role('member')}`;
    const { projectId, userId } = desk.tenant.rest;
    await admin.call('identity', 'PUT', `/domains/${accounts.domainId}/${user}`);
    await admin.call('identity', 'PUT', `/projects/${projectId}/${user}`);
    await admin.call('identity', 'PUT', `/system/users/${userId}/roles/${role('reader')}`);
    return accounts;
  }

  /** An application credential of the tenant's user. */
  async credential(name: string): Promise<{ readonly id: string; readonly secret: string }> {
    const { rest } = this.#desk.tenant;
    const path = `/users/${rest.userId}/application_credentials`;
    const answer = await rest.call('identity', 'POST', path, { application_credential: { name } });
    return (answer as { application_credential: { id: string; secret: string } })
      .application_credential;
  }

  /** By which the domain's user may act in the tenant's project for its user. */
  async trust(): Promise<string> {
    const { rest } = this.#desk.tenant;
    const { trust } = (await rest.call('identity', 'POST', '/OS-TRUST/trusts', {
      trust: {
        ...{ trustor_user_id: rest.userId, trustee_user_id: this.userId },
        ...{ project_id: rest.projectId, impersonation: true, roles: [{ name: 'member' }] },
      },
    })) as { trust: Resource };
    return trust.id;
  }

  async drop(): Promise<void> {
    const { admin } = this.#services;
    await admin.remove('identity', `/users/${this.userId}`);
    const path = `/domains/${this.domainId}`;
    await admin.call('identity', 'PATCH', path, { domain: { enabled: false } });
    await admin.remove('identity', path);
  }

  async #add(kind: 'domain' | 'user', fields: object): Promise<string> {
    const answer = await this.#services.admin.call('identity', 'POST', `/${kind}s`, {
      [kind]: fields,
    });
    return (answer as Record<string, Resource | undefined>)[kind]?.id ?? '';
  }
}

export interface RawToken {
  readonly id: string;
  readonly lifeMs: number;
}

/** A token of the tenant's user for its project, with no code of ours. */
export async function rawToken({ authUrl }: OpenStackServices, desk: Desk): Promise<RawToken> {
  const domain = { id: 'default' };
  const { name, password } = desk.tenant;
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        scope: { project: { name, domain } },
      },
    }),
  });
  const { token } = (await answer.json()) as { token: { issued_at: string; expires_at: string } };
  const lifeMs = Date.parse(token.expires_at) - Date.parse(token.issued_at);
  return { id: answer.headers.get('x-subject-token') ?? '', lifeMs };
}

/** Endpoints of a region of its own: nobody else looks there. */
export async function addRegion(
  admin: Rest,
  type: string,
  urls: Readonly<Record<string, string>>,
): Promise<{ readonly id: string; drop(): Promise<void> }> {
  const id = `region-${randomBytes(4).toString('hex')}`;
  await admin.call('identity', 'POST', '/regions', { region: { id } });
  const { services } = (await admin.get('identity', `/services?type=${type}`)) as {
    services: Resource[];
  };
  const paths: string[] = [];
  for (const [name, url] of Object.entries(urls)) {
    const { endpoint } = (await admin.call('identity', 'POST', '/endpoints', {
      endpoint: { interface: name, url, region_id: id, service_id: services[0]?.id },
    })) as { endpoint: Resource };
    paths.push(`/endpoints/${endpoint.id}`);
  }
  return {
    id,
    drop: async () => {
      for (const path of [...paths, `/regions/${id}`]) await admin.remove('identity', path);
    },
  };
}
