/** Who asks for what. */
import { auth, cloud, v3, what, who } from './kit.ts';
import type { Case } from './kit.ts';

export const authentication: readonly Case[] = [
  { name: 'ids', files: cloud('', 'auth_url: http://k, user_id: u, password: p, project_id: i') },
  {
    name: 'numbers as ids',
    files: cloud(
      '',
      'auth_url: http://k, user_id: 12345678901234567890123456789012, password: 12.50, project_id: 7',
    ),
  },
  {
    name: 'tenants and dashes',
    files: cloud('', `auth-url: http://k, ${who}, tenant-name: t, project-domain-name: D`),
  },
  {
    name: 'options at the top',
    files: cloud(`${who}, project_name: top, password: top`, `auth_url: http://k, ${what}`),
  },
  {
    name: 'options at the top and within',
    files: cloud('username: top, password: top, project_name: top'),
  },
  {
    name: 'a domain for both',
    files: cloud('', 'auth_url: http://k, username: u, password: p, project_name: n, domain_id: d'),
  },
  {
    name: 'a domain at the top for both',
    files: cloud(
      'domain_name: d',
      'auth_url: http://k, username: u, password: p, project_name: n, user_domain_name: own',
    ),
  },
  {
    name: 'default domains',
    files: cloud(
      '',
      'auth_url: http://k, username: u, password: p, project_name: n, default_domain_id: d, user_domain_name: x',
    ),
  },
  { name: 'a domain as scope', files: cloud('', `auth_url: http://k, ${who}, domain_name: d`) },
  {
    name: 'a domain id at the top as scope',
    files: cloud('domain-id: d', `auth_url: http://k, ${who}`),
  },
  { name: 'the system', files: cloud('', `auth_url: http://k, ${who}, system_scope: all`) },
  { name: 'a trust', files: cloud('trust_id: t', `auth_url: http://k, ${who}`) },
  { name: 'no scope', files: cloud('', `auth_url: http://k, ${who}`) },
  { name: 'v3password', files: v3('v3password', `${who}, ${what}`) },
  {
    name: 'v3password without a domain',
    files: v3('v3password', 'username: u, password: p'),
    refused: /cloud 'c' \(.*clouds\.yaml\): auth has no user_domain_id or user_domain_name/,
  },
  {
    name: 'v3password without a domain of the project',
    files: v3('v3password', `${who}, project_name: n`),
    refused: /auth has no project_domain_id or project_domain_name/,
  },
  { name: 'token', files: v3('token', 'token: t, project_id: i') },
  { name: 'auth_token', files: v3('v3token', `auth_token: t, ${what}`) },
  {
    name: 'application credential',
    files: v3(
      'v3applicationcredential',
      'application_credential_id: i, application_credential_secret: s',
    ),
  },
  {
    name: 'application credential by name',
    files: v3(
      'v3applicationcredential',
      'application_credential_name: i, application_credential_secret: s, username: u, user_domain_id: d',
    ),
  },
  {
    name: 'application credential without id',
    files: v3('v3applicationcredential', 'application_credential_secret: s'),
    refused:
      /auth has no application_credential_id, and no application_credential_name with a user/,
  },
  {
    name: 'application credential without secret',
    files: v3('v3applicationcredential', 'application_credential_id: i'),
    refused: /auth has no application_credential_secret/,
  },
  { name: 'auth_plugin', files: cloud('auth_plugin: v3token') },
  { name: 'none', files: cloud('auth_type: none', 'endpoint: http://e') },
  { name: 'None', files: cloud('auth_type: "None"', 'endpoint: http://e') },
  { name: 'null', files: cloud('auth_type: , endpoint: http://e', '') },
  { name: 'admin_token', files: cloud('auth_type: admin_token', 'endpoint: http://e, token: t') },
  {
    name: 'token_endpoint and url',
    files: cloud('auth_type: token_endpoint', 'url: http://e, token: t'),
  },
  {
    name: 'an unknown type',
    files: cloud('auth_type: v3magic'),
    refused: /auth_type 'v3magic' is not supported; supported are password, token, v3password/,
  },
  {
    name: 'no auth_url',
    files: cloud('', who),
    refused: /cloud 'c' \(.*clouds\.yaml\): auth has no auth_url/,
  },
  {
    name: 'no password',
    files: cloud('', 'auth_url: http://k, username: u'),
    refused: /auth has no password/,
  },
  {
    name: 'an option that the type does not know',
    files: cloud('', `${auth}, token: t, pasword: x`),
    refused: /auth has pasword, token, which auth_type password does not know/,
  },
  {
    name: 'two scopes',
    files: cloud('', `auth_url: http://k, ${who}, project_id: i, trust_id: t`),
    refused: /auth has two scopes, project and trust/,
  },
  {
    name: 'half a system',
    files: cloud('', `auth_url: http://k, ${who}, system_scope: half`),
    refused: /auth\.system_scope can only be all/,
  },
  {
    name: 'templates',
    files: cloud(
      'region_name: R, compute_endpoint_override: "http://{region_name}/{auth[project_id]}/{{x}}"',
      `auth_url: "http://{region_name}.k/v3", ${who}, project_id: i`,
    ),
  },
  {
    name: 'a template of nothing',
    files: cloud('', `auth_url: "http://{region}.k/v3", ${who}`),
    refused: /auth_url has \{region\}, which stands for no other option/,
  },
];
