import assert from 'node:assert/strict';

import type { Scope } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import {
  describeAuthentication,
  secretsOf,
  tokenRequest,
  type KeystoneAuthentication,
} from '../../../../../shared/drivers/openstack/client/identity-request.ts';

const authUrl = 'http://keystone/v3';
const byPassword = (scope: Scope): KeystoneAuthentication => ({
  ...{ method: 'password', authUrl, password: 's', scope },
  user: { name: 'zuul', domain: { name: 'Default' } },
});

describe('the request for a token', () => {
  it('has user, password and project', () => {
    const project = { name: 'ci', domain: { id: 'D1' } };
    assert.deepEqual(tokenRequest(byPassword({ kind: 'project', project })), {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'zuul', domain: { name: 'Default' }, password: 's' } },
        },
        scope: { project: { name: 'ci', domain: { id: 'D1' } } },
      },
    });
  });

  const scopes: readonly [Scope, unknown][] = [
    [{ kind: 'project', project: { id: 'P1' } }, { project: { id: 'P1' } }],
    [
      { kind: 'project', project: { name: 'ci', domain: undefined } },
      { project: { name: 'ci', domain: { id: 'default' } } },
    ],
    [{ kind: 'domain', domain: { name: 'D' } }, { domain: { name: 'D' } }],
    [{ kind: 'system' }, { system: { all: true } }],
    [{ kind: 'trust', id: 'T1' }, { 'OS-TRUST:trust': { id: 'T1' } }],
    [{ kind: 'unscoped' }, undefined],
  ];
  for (const [scope, wanted] of scopes)
    it(`has the scope ${JSON.stringify(scope)}`, () => {
      const { auth } = tokenRequest(byPassword(scope)) as { auth: Record<string, unknown> };
      assert.deepEqual(auth.scope, wanted);
      assert.equal('scope' in auth, wanted !== undefined);
    });

  it('has a token to be exchanged', () => {
    const scope = { kind: 'project', project: { id: 'P1' } } as const;
    assert.deepEqual(tokenRequest({ method: 'token', authUrl, token: 't', scope }), {
      auth: {
        identity: { methods: ['token'], token: { id: 't' } },
        scope: { project: { id: 'P1' } },
      },
    });
  });

  it('has an application credential, by id or by name and user, and never a scope', () => {
    const method = 'application-credential';
    const identity = (whose: object) => ({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...whose, secret: 's' },
        },
      },
    });
    assert.deepEqual(
      tokenRequest({ method, authUrl, credential: { id: 'A1' }, secret: 's' }),
      identity({ id: 'A1' }),
    );
    const credential = { name: 'a', user: { id: 'U1' } };
    assert.deepEqual(
      tokenRequest({ method, authUrl, credential, secret: 's' }),
      identity({ name: 'a', user: { id: 'U1' } }),
    );
  });
});

describe('who asks for a token', () => {
  const all: readonly [KeystoneAuthentication, string][] = [
    [byPassword({ kind: 'system' }), 'user zuul, system scope'],
    [
      { method: 'token', authUrl, token: 's', scope: { kind: 'trust', id: 'T1' } },
      'the token of the entry, trust T1',
    ],
    [
      { method: 'application-credential', authUrl, credential: { id: 'A1' }, secret: 's' },
      'application credential A1',
    ],
  ];
  for (const [auth, text] of all)
    it(`is described as ${text}, and the secret is known as one`, () => {
      assert.equal(describeAuthentication(auth), text);
      assert.deepEqual(secretsOf(auth), ['s']);
    });
});
