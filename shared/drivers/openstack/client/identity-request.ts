/**
 * Keystone's v3 request for a token, as plain data. Facts: docs.openstack.org/api-ref/identity/v3.
 *
 * It holds the secret: it is sent, and never shown.
 */
import type { Authentication, DomainReference, Named, Scope } from './cloud-config.ts';

export type KeystoneAuthentication = Exclude<Authentication, { readonly method: 'none' }>;

/** The body of `POST /v3/auth/tokens`. */
export function tokenRequest(auth: KeystoneAuthentication): unknown {
  switch (auth.method) {
    case 'password': {
      const password = { user: { ...named(auth.user), password: auth.password } };
      return request({ methods: ['password'], password }, auth.scope);
    }
    case 'token':
      return request({ methods: ['token'], token: { id: auth.token } }, auth.scope);
    case 'application-credential': {
      const { credential, secret } = auth;
      const whose =
        'id' in credential
          ? { id: credential.id }
          : { name: credential.name, user: named(credential.user) };
      const method = 'application_credential';
      // Such a credential belongs to one project: it takes no scope.
      return { auth: { identity: { methods: [method], [method]: { ...whose, secret } } } };
    }
  }
}

/** What must not be shown, wherever it comes back. */
export function secretsOf(auth: KeystoneAuthentication): readonly string[] {
  switch (auth.method) {
    case 'password':
      return [auth.password];
    case 'token':
      return [auth.token];
    case 'application-credential':
      return [auth.secret];
  }
}

/** Who asks for what, for messages. */
export function describeAuthentication(auth: KeystoneAuthentication): string {
  switch (auth.method) {
    case 'password':
      return `user ${nameOf(auth.user)}, ${describeScope(auth.scope)}`;
    case 'token':
      return `the token of the entry, ${describeScope(auth.scope)}`;
    case 'application-credential':
      return 'id' in auth.credential
        ? `application credential ${auth.credential.id}`
        : `application credential ${auth.credential.name} of user ${nameOf(auth.credential.user)}`;
  }
}

function request(identity: unknown, scope: Scope): unknown {
  const wanted = scopeOf(scope);
  return { auth: { identity, ...(wanted !== undefined && { scope: wanted }) } };
}

/** Undefined: keystone takes the user's default project, if there is one. */
function scopeOf(scope: Scope): unknown {
  switch (scope.kind) {
    case 'project':
      return { project: named(scope.project) };
    case 'domain':
      return { domain: scope.domain };
    case 'system':
      return { system: { all: true } };
    case 'trust':
      return { 'OS-TRUST:trust': { id: scope.id } };
    case 'unscoped':
      return undefined;
  }
}

/** Where a name stands without its domain; keystone makes this one when it is set up. */
const DEFAULT_DOMAIN: DomainReference = { id: 'default' };

function named(one: Named): Readonly<Record<string, unknown>> {
  if ('id' in one) return { id: one.id };
  return { name: one.name, domain: one.domain ?? DEFAULT_DOMAIN };
}

function describeScope(scope: Scope): string {
  switch (scope.kind) {
    case 'project':
      return `project ${nameOf(scope.project)}`;
    case 'domain':
      return `domain ${'id' in scope.domain ? scope.domain.id : scope.domain.name}`;
    case 'system':
      return 'system scope';
    case 'trust':
      return `trust ${scope.id}`;
    case 'unscoped':
      return 'no scope';
  }
}

function nameOf(one: Named): string {
  return 'id' in one ? one.id : one.name;
}
