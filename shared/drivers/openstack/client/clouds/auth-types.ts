/**
 * The ways to authenticate that are known, and which options each takes.
 *
 * Facts: keystoneauth1, loading/_plugins; the options that stand at the top of an entry are moved into
 * `auth`, what an authentication does not know is refused.
 */
import { isPlain, omit, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

const V3 = [
  'auth_url',
  'system_scope',
  'domain_id',
  'domain_name',
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'trust_id',
];
const GENERIC = [...V3, 'default_domain_id', 'default_domain_name'];
const USER = ['user_id', 'username', 'user_domain_id', 'user_domain_name'];
/** Older names of options. */
const OLD: Readonly<Record<string, string>> = {
  project_id: 'tenant_id',
  project_name: 'tenant_name',
  username: 'user_name',
  endpoint: 'url',
};
/** Taken within `auth` only. */
const INSIDE = ['reauthenticate', 'unscoped', 'include_catalog'];

export type AuthType =
  | 'password'
  | 'token'
  | 'v3password'
  | 'v3token'
  | 'v3applicationcredential'
  | 'none'
  | 'admin_token';

const TYPES: Readonly<Record<AuthType, readonly string[]>> = {
  password: [...GENERIC, ...USER, 'password'],
  token: [...GENERIC, 'token'],
  v3password: [...V3, ...USER, 'password'],
  v3token: [...V3, 'token'],
  v3applicationcredential: [
    ...V3,
    ...USER,
    'application_credential_secret',
    'application_credential_id',
    'application_credential_name',
  ],
  none: ['endpoint'],
  admin_token: ['endpoint', 'token'],
};

function isAuthType(name: string): name is AuthType {
  return Object.hasOwn(TYPES, name);
}

export function authTypeOf(entry: Entry, value: unknown): AuthType {
  if (value === null || value === undefined || value === '' || value === 'None') return 'none';
  if (value === 'token_endpoint') return 'admin_token';
  if (typeof value === 'string' && isAuthType(value)) return value;
  const known = Object.keys(TYPES).join(', ');
  const shown = typeof value === 'string' ? ` '${value}'` : '';
  throw wrong(entry, `auth_type${shown} is not supported; supported are ${known}`);
}

/** The entry with `auth` complete: all options of its type and nothing else. */
export function gatherAuth(entry: Entry, config: Plain): Plain {
  const type = authTypeOf(entry, config.auth_type);
  const options = TYPES[type];
  const inside = isPlain(config.auth) ? config.auth : {};
  const spellings = options.flatMap(spellingsOf);
  const auth = omit(inside, ...spellings);
  const unknown = Object.keys(auth).filter((key) => !INSIDE.includes(key));
  if (unknown.length > 0)
    throw wrong(entry, `auth has ${unknown.join(', ')}, which auth_type ${type} does not know`);
  for (const option of options) {
    const value = [inside, config]
      .map((place) => firstOf(place, spellingsOf(option)))
      .find((one) => one !== undefined && one !== null && one !== '');
    if (value !== undefined) auth[option] = value;
  }
  return { ...omit(config, ...spellings), auth_type: type, auth };
}

function spellingsOf(option: string): string[] {
  const old = OLD[option];
  return old === undefined ? [option] : [option, old];
}

/** Of the names that stand there the first, even if nothing stands under it. */
function firstOf(place: Plain, names: readonly string[]): unknown {
  const name = names.find((one) => one in place);
  return name === undefined ? undefined : place[name];
}
