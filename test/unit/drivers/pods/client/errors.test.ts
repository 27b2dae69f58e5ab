import assert from 'node:assert/strict';

import type { ErrorCode } from '../../../../../shared/base/error-codes.ts';
import { CloudError, isCloudError } from '../../../../../shared/base/errors.ts';
import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import {
  isExpired,
  isForbidden,
  isLoginRefused,
  isTaken,
  isTooEarly,
  noAnswerError,
  refusalError,
  type Refusal,
} from '../../../../../shared/drivers/pods/client/errors.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** The cluster's form of an error. */
const status = (reason: string, message: string, details: object = {}): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details });

const refusal = (fields: Partial<Refusal>): Refusal => ({
  call: 'POST namespaces/pool-0000000001/pods',
  method: 'POST',
  status: 400,
  retryAfter: undefined,
  text: '',
  ...fields,
});

const QUOTA =
  'pods "label" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4';
const TOO_MUCH =
  'pods "label" is forbidden: exceeded quota: compute, requested: pods=1,requests.memory=4Gi, used: pods=0,requests.memory=1Gi, limited: pods=9,requests.memory=3000Mi';
const NO_ACCOUNT =
  'pods "label" is forbidden: error looking up service account pool-1/default: serviceaccount "default" not found';
const ENDING =
  'secrets "zuul-worker" is forbidden: unable to create new content in namespace pool-1 because it is being terminated';
const NO_ROLE =
  'pods is forbidden: User "system:serviceaccount:np:np" cannot list resource "pods" in API group "" at the cluster scope';

const ROWS: readonly (readonly [Partial<Refusal>, ErrorCode, readonly string[]])[] = [
  [
    { status: 401, text: status('Unauthorized', 'Unauthorized') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  // 403: quota, first moments, last moments, rights.
  [{ status: 403, text: status('Forbidden', QUOTA) }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 403, text: status('Forbidden', TOO_MUCH) }, 'NP_CLOUD_FATAL', []],
  [
    { status: 403, text: status('Forbidden', 'cannot create more than 20 project(s).') },
    'NP_CLOUD_QUOTA',
    ['quota'],
  ],
  [{ status: 403, text: status('Forbidden', NO_ACCOUNT) }, 'NP_CLOUD_TRANSIENT', []],
  [
    {
      status: 403,
      text: status('Forbidden', 'status unknown for quota: compute, resources: pods'),
    },
    'NP_CLOUD_TRANSIENT',
    [],
  ],
  [{ status: 403, text: status('Forbidden', ENDING) }, 'NP_CLOUD_TRANSIENT', []],
  [
    {
      status: 403,
      text: status('Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating' }] }),
    },
    'NP_CLOUD_TRANSIENT',
    [],
  ],
  [
    { status: 403, text: status('Forbidden', 'failed quota: compute: must specify limits.cpu') },
    'NP_CLOUD_FATAL',
    [],
  ],
  [{ status: 403, text: status('Forbidden', NO_ROLE) }, 'NP_CLOUD_FATAL', []],
  [{ status: 403, text: '<html>no</html>' }, 'NP_CLOUD_FATAL', []],
  // 404: an object, the namespace of what is made, an API, a proxy.
  [
    { status: 404, method: 'GET', text: status('NotFound', 'pods "a" not found', { name: 'a' }) },
    'NP_CLOUD_NOT_FOUND',
    ['notFound'],
  ],
  [
    { status: 404, text: status('NotFound', 'namespaces "a" not found', { name: 'a' }) },
    'NP_CLOUD_TRANSIENT',
    [],
  ],
  [{ status: 404, method: 'DELETE', text: '404 page not found\n' }, 'NP_CLOUD_FATAL', []],
  [
    {
      status: 404,
      method: 'DELETE',
      text: status('NotFound', 'the server could not find the requested resource'),
    },
    'NP_CLOUD_FATAL',
    [],
  ],
  [
    { status: 404, method: 'DELETE', text: 'default backend - 404' },
    'NP_CLOUD_TRANSIENT',
    ['retryable', 'unreachable'],
  ],
  // What is in the way, or passes.
  [{ status: 409, text: status('AlreadyExists', 'it is there') }, 'NP_CLOUD_TRANSIENT', []],
  [{ status: 409, text: status('Conflict', 'modified') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 408 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 410, text: status('Expired', 'too old') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  // What the configuration asks for.
  [{ status: 302 }, 'NP_CLOUD_FATAL', []],
  [{ status: 400, text: status('BadRequest', 'what?') }, 'NP_CLOUD_FATAL', []],
  [{ status: 413, text: status('RequestEntityTooLarge', 'long') }, 'NP_CLOUD_FATAL', []],
  [{ status: 422, text: status('Invalid', 'Pod "a" is invalid') }, 'NP_CLOUD_FATAL', []],
  // The cluster stumbles.
  [
    { status: 500, text: status('InternalError', 'oh') },
    'NP_CLOUD_TRANSIENT',
    ['retryable', 'ambiguous'],
  ],
  [{ status: 500, method: 'GET' }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 502, method: 'GET' }, 'NP_CLOUD_TRANSIENT', ['retryable', 'unreachable']],
  [{ status: 503 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
  [{ status: 504 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
];

describe("refusals of a cluster's API", () => {
  for (const [fields, code, labels] of ROWS)
    it(`${fields.method ?? 'POST'} ${fields.status ?? ''} ${(fields.text ?? '').trim().slice(0, 150)} is ${code}`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.equal(error.code, code);
      assert.deepEqual([...error.labels].sort(), [...labels].sort());
      assert.ok(isCloudError(error));
    });

  it('says what, its status and the words of the cluster', () => {
    const { message } = refusalError(refusal({ status: 403, text: status('Forbidden', QUOTA) }), 0);
    assert.equal(message, `POST namespaces/pool-0000000001/pods: status 403: ${QUOTA}`);
  });

  it("keeps a proxy's page to a line of words", () => {
    const page = `<html><style>body { color: red }</style><h1>Bad\nGateway</h1>${'x'.repeat(5000)}`;
    const { message } = refusalError(refusal({ status: 502, text: page }), 0);
    assert.match(message, /status 502: Bad Gateway x+$/);
    assert.ok(message.length < 1100);
  });

  it('tells the refusals that callers go by', () => {
    const of = (fields: Partial<Refusal>): Error => refusalError(refusal(fields), NOW_MS);
    const taken = of({ status: 409, text: status('AlreadyExists', 'there') });
    const early = of({ status: 403, text: status('Forbidden', NO_ACCOUNT) });
    const forbidden = of({ status: 403, text: status('Forbidden', NO_ROLE) });
    const expired = of({ status: 410, text: status('Expired', 'old') });
    const tests = [isTaken, isTooEarly, isForbidden, isExpired];
    for (const [index, error] of [taken, early, forbidden, expired].entries())
      assert.deepEqual(
        tests.map((test) => test(error)),
        tests.map((_, other) => other === index),
      );
    for (const test of tests) assert.equal(test(new CloudError('NP_CLOUD_FATAL', 'no')), false);
  });

  it('gives a hint where an operator can do something', () => {
    const hintOf = (fields: Partial<Refusal>): string =>
      refusalError(refusal(fields), NOW_MS).hint ?? '';
    assert.match(hintOf({ status: 401 }), /no restart/);
    assert.match(hintOf({ status: 403, text: status('Forbidden', NO_ROLE) }), /role/);
    assert.match(hintOf({ status: 404, text: '404 page not found' }), /driver and context/);
  });

  it('is patient for as long as the cluster asks', () => {
    const patience = (fields: Partial<Refusal>): readonly [number, boolean] => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.ok(error instanceof SlowDownError);
      return [error.forMs, error.isFixed];
    };
    assert.deepEqual(patience({ status: 429, retryAfter: '7' }), [7000, true]);
    assert.deepEqual(patience({ status: 503, retryAfter: '2' }), [2000, true]);
    const inBody = status('TooManyRequests', 'slow', { retryAfterSeconds: 3 });
    assert.deepEqual(patience({ status: 429, text: inBody }), [3000, true]);
    assert.deepEqual(patience({ status: 429 }), [1000, false]);
  });

  it('knows when it is not known who we are', () => {
    assert.ok(isLoginRefused(refusal({ status: 401 })));
    const nobody = status('Forbidden', 'pods is forbidden: User "system:anonymous" cannot list');
    assert.ok(isLoginRefused(refusal({ status: 403, text: nobody })));
    assert.ok(!isLoginRefused(refusal({ status: 403, text: status('Forbidden', NO_ROLE) })));
    assert.equal(
      refusalError(refusal({ status: 403, text: nobody }), 0).code,
      'NP_CLOUD_TRANSIENT',
    );
  });
});

const CALL = { call: 'POST namespaces', method: 'POST' } as const;

function network(code: string, message = code): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}

describe('no answer from a cluster', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['ECONNREFUSED', ['retryable', 'unreachable']],
    ['EAI_AGAIN', ['retryable', 'unreachable']],
    ['ECONNRESET', ['retryable', 'ambiguous', 'unreachable']],
    ['UND_ERR_SOCKET', ['retryable', 'ambiguous', 'unreachable']],
    ['ENOTFOUND', ['retryable']],
    ['SELF_SIGNED_CERT_IN_CHAIN', ['retryable']],
    ['ERR_TLS_CERT_ALTNAME_INVALID', ['retryable']],
    ['CERT_HAS_EXPIRED', ['retryable']],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', ['retryable']],
    ['ERR_SSL_WRONG_VERSION_NUMBER', ['retryable']],
  ];
  for (const [code, labels] of rows)
    it(`${code}: ${labels.join(', ')}`, () => {
      const error = noAnswerError(CALL, 'https://cluster.example', network(code));
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.deepEqual([...error.labels].sort(), [...labels].sort());
      assert.equal(error.hint !== undefined, !labels.includes('unreachable'));
      assert.equal(
        error.message,
        `POST namespaces: no answer from https://cluster.example: ${code}`,
      );
    });

  it('cannot have done anything where it was a question', () => {
    const error = noAnswerError({ ...CALL, method: 'GET' }, 'https://a', network('ECONNRESET'));
    assert.deepEqual(error.labels, ['retryable', 'unreachable']);
  });

  it('says something of anything that is thrown', () => {
    assert.match(noAnswerError(CALL, 'https://a', new Error('odd')).message, /: odd$/);
    assert.match(noAnswerError(CALL, 'https://a', 7).message, /no reason given$/);
  });
});
