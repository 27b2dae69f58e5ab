/**
 * The gathered `auth` of an entry, typed: how to get a token, and for what.
 */
import type { Authentication, DomainReference, Named, Scope } from '../cloud-config.ts';
import type { AuthType } from './auth-types.ts';
import { asText, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export function readAuthentication(entry: Entry, type: AuthType, auth: Plain): Authentication {
  const options = new Options(entry, type, auth);
  switch (type) {
    case 'password':
    case 'v3password':
      return {
        method: 'password',
        authUrl: options.authUrl(),
        user: readUser(options),
        password: options.required('password'),
        scope: readScope(options),
      };
    case 'token':
    case 'v3token':
      return {
        method: 'token',
        authUrl: options.authUrl(),
        token: options.required('token'),
        scope: readScope(options),
      };
    case 'v3applicationcredential':
      return readApplicationCredential(options);
    case 'none':
      return { method: 'none', token: undefined, endpoint: options.text('endpoint') };
    case 'admin_token':
      return {
        method: 'none',
        token: options.required('token'),
        endpoint: options.text('endpoint'),
      };
  }
}

/** The options of one `auth`. Values never stand in errors. */
class Options {
  readonly entry: Entry;
  readonly type: AuthType;
  readonly #auth: Plain;

  constructor(entry: Entry, type: AuthType, auth: Plain) {
    this.entry = entry;
    this.type = type;
    this.#auth = auth;
  }

  text(option: string): string | undefined {
    const value = this.#auth[option];
    if (value === undefined || value === null || value === '') return undefined;
    // `yes` and the like without quotes are no text in YAML: Python would send something else.
    if (typeof value === 'boolean')
      throw wrong(this.entry, `auth.${option} is true or false where a text must be; quote it`);
    const text = asText(value);
    if (text === undefined) throw wrong(this.entry, `auth.${option} must be a text`);
    return text;
  }

  required(option: string): string {
    const text = this.text(option);
    if (text === undefined) throw wrong(this.entry, `auth has no ${option}`);
    return text;
  }

  authUrl(): string {
    const url = this.required('auth_url');
    if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
    throw wrong(this.entry, 'auth.auth_url must be an http or https URL');
  }

  isTrue(option: string): boolean {
    return this.#auth[option] === true;
  }

  /** Of a user or project. An id goes before a name, also if the name is closer. */
  domain(owner: 'user' | 'project'): DomainReference | undefined {
    const id = this.text(`${owner}_domain_id`) ?? this.text('default_domain_id');
    if (id !== undefined) return { id };
    const name = this.text(`${owner}_domain_name`) ?? this.text('default_domain_name');
    return name === undefined ? undefined : { name };
  }

  isVersion3(): boolean {
    return this.type.startsWith('v3');
  }

  /** What names a user or project. The types of version 3 want a domain with a name. */
  named(owner: 'user' | 'project', name: string): Named {
    const domain = this.domain(owner);
    if (domain === undefined && this.isVersion3())
      throw wrong(this.entry, `auth has no ${owner}_domain_id or ${owner}_domain_name`);
    return { name, domain };
  }
}

function readUser(options: Options): Named {
  const id = options.text('user_id');
  if (id !== undefined) return { id };
  const name = options.text('username');
  if (name === undefined) throw wrong(options.entry, 'auth has no username and no user_id');
  return options.named('user', name);
}

function readApplicationCredential(options: Options): Authentication {
  const authUrl = options.authUrl();
  const secret = options.required('application_credential_secret');
  const id = options.text('application_credential_id');
  const method = 'application-credential';
  if (id !== undefined) return { method, authUrl, secret, credential: { id } };
  const name = options.text('application_credential_name');
  if (name === undefined)
    throw wrong(
      options.entry,
      'auth has no application_credential_id, and no application_credential_name with a user',
    );
  return { method, authUrl, secret, credential: { name, user: readUser(options) } };
}

function readScope(options: Options): Scope {
  const scopes = [
    domainScope(options),
    projectScope(options),
    trustScope(options),
    systemScope(options),
    options.isTrue('unscoped') ? ({ kind: 'unscoped' } as const) : undefined,
  ].filter((scope) => scope !== undefined);
  const [scope, other] = scopes;
  if (scope === undefined) return { kind: 'unscoped' };
  if (other === undefined) return scope;
  throw wrong(
    options.entry,
    `auth has two scopes, ${scope.kind} and ${other.kind}; a token is for one of project, domain, trust and system`,
  );
}

function domainScope(options: Options): Scope | undefined {
  const [id, name] = [options.text('domain_id'), options.text('domain_name')];
  if (id !== undefined) return { kind: 'domain', domain: { id } };
  return name === undefined ? undefined : { kind: 'domain', domain: { name } };
}

function projectScope(options: Options): Scope | undefined {
  const [id, name] = [options.text('project_id'), options.text('project_name')];
  if (id !== undefined) return { kind: 'project', project: { id } };
  if (name === undefined) return undefined;
  return { kind: 'project', project: options.named('project', name) };
}

function trustScope(options: Options): Scope | undefined {
  const id = options.text('trust_id');
  return id === undefined ? undefined : { kind: 'trust', id };
}

function systemScope(options: Options): Scope | undefined {
  const scope = options.text('system_scope');
  if (scope === undefined) return undefined;
  if (scope !== 'all') throw wrong(options.entry, 'auth.system_scope can only be all');
  return { kind: 'system' };
}
