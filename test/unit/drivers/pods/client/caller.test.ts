import assert from 'node:assert/strict';

import { settle } from '../../../../../fixtures/clock.ts';
import { CloudError, hasLabel } from '../../../../../shared/base/errors.ts';
import { isForbidden } from '../../../../../shared/drivers/pods/client/errors.ts';
import type { KubeResponse } from '../../../../../shared/drivers/pods/client/transport.ts';
import { json, never, refusal, scripted, Stream, text } from './scripted-api.ts';

const GET = { method: 'GET', path: '/api/v1/namespaces' } as const;
const POST = { ...GET, method: 'POST', body: { metadata: { name: 'a' } } } as const;

const hang = (): Promise<KubeResponse> => new Promise(() => undefined);

const reset = (): Promise<KubeResponse> =>
  Promise.reject(
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
    }),
  );

describe('a call to a cluster', () => {
  it('carries credentials and JSON', async () => {
    const { caller, requests } = scripted(() => json(201, { kind: 'Namespace' }));
    assert.deepEqual(await caller.call({ ...POST, query: { a: 'b c' } }, never()), {
      kind: 'Namespace',
    });
    const [request] = requests;
    assert.ok(request);
    assert.equal(request.method, 'POST');
    assert.equal(request.url.href, 'https://cluster.example:6443/api/v1/namespaces?a=b+c');
    assert.equal(request.headers.authorization, 'Bearer t0ken');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.match(request.headers['user-agent'] ?? '', /^nodepool-ts\//);
    assert.equal(request.body, '{"metadata":{"name":"a"}}');
  });

  it('is told of, with its service, its status and how long it took', async () => {
    const { caller, told, clock } = scripted(async () => {
      await new Promise<void>((resolve) => clock.after(250, resolve));
      return json(200, {});
    });
    const answer = caller.call({ ...GET, path: '/apis/rbac.authorization.k8s.io/v1/x' }, never());
    await clock.advance(250);
    await answer;
    assert.deepEqual(told, [{ service: 'rbac', method: 'GET', status: 200, durationMs: 250 }]);
  });

  it('is made once more with new credentials where they are refused', async () => {
    const { caller, requests, login } = scripted(
      ({ headers }) =>
        headers.authorization === 'Bearer new' ? json(200, {}) : refusal(401, 'Unauthorized'),
      { tokens: ['old', 'new'] },
    );
    await caller.call(POST, never());
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      ['Bearer old', 'Bearer new'],
    );
    assert.equal(login.forgotten, 1);
  });

  it('is refused in the end where the new ones are, too', async () => {
    const { caller, requests, clock } = scripted(() => refusal(401, 'Unauthorized'));
    const failed = assert.rejects(caller.call(GET, never()), (error: CloudError) => {
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.match(error.message, /^GET namespaces: status 401: Unauthorized$/);
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /t0ken/);
      return true;
    });
    await clock.advance(10_000);
    await failed;
    // Three tries, twice each.
    assert.equal(requests.length, 6);
  });

  it('to which it is not known who we are is made with new credentials', async () => {
    const { caller } = scripted(
      ({ headers }) =>
        headers.authorization === 'Bearer new'
          ? json(200, {})
          : refusal(403, 'Forbidden', 'User "system:anonymous" cannot list resource'),
      { tokens: ['old', 'new'] },
    );
    await caller.call(GET, never());
  });

  it('is not repeated where the configuration is wrong', async () => {
    const { caller, requests } = scripted(() => refusal(403, 'Forbidden', 'no role'));
    await assert.rejects(caller.call(GET, never()), isForbidden);
    assert.equal(requests.length, 1);
  });

  it('is repeated where the cluster stumbles, is silent, or loses the answer', async () => {
    const { caller, requests, clock } = scripted((_, count) =>
      count === 0 ? refusal(500, 'InternalError') : count === 1 ? reset() : json(201, {}),
    );
    const answer = caller.call(POST, never());
    await clock.advance(5000);
    await answer;
    assert.equal(requests.length, 3);
  });

  it('has a deadline of its own, and ends the request with it', async () => {
    const { caller, requests, clock } = scripted(hang, { timeoutSeconds: 5 });
    const failed = assert.rejects(caller.call(POST, never()), (error: CloudError) => {
      assert.match(error.message, /no answer from the cloud within 5 s/);
      return hasLabel(error, 'ambiguous');
    });
    await clock.advance(20_000);
    await failed;
    assert.equal(requests.length, 3);
    assert.ok(requests.every(({ signal }) => signal.aborted));
  });

  it('has an answer that must come to its end within the deadline', async () => {
    const stream = new Stream().send('{"items": [');
    const { caller, clock, told } = scripted(() => stream.response, { timeoutSeconds: 5 });
    const failed = assert.rejects(caller.call(GET, never()), /within 5 s/);
    await clock.advance(20_000);
    await failed;
    assert.deepEqual(
      told.map(({ status }) => status),
      [],
    );
  });

  it('ends with the signal', async () => {
    const { caller, requests } = scripted(hang);
    const controller = new AbortController();
    const failed = assert.rejects(caller.call(GET, controller.signal), /enough/);
    await settle();
    controller.abort(new CloudError('NP_ABORTED', 'enough'));
    await failed;
    assert.ok(requests[0]?.signal.aborted);
  });

  it('waits for as long as the cluster asks', async () => {
    const { caller, requests, clock } = scripted((_, count) =>
      count === 0 ? json(429, { kind: 'Status' }, { 'retry-after': '8' }) : json(200, {}),
    );
    const answer = caller.call(GET, never());
    await clock.advance(7900);
    assert.equal(requests.length, 1);
    await clock.advance(200);
    await answer;
    assert.equal(requests.length, 2);
  });

  for (const [name, body] of [
    ['no JSON', 's3cret'],
    ['no object', '"s3cret"'],
    ['nothing', ''],
  ] as const)
    it(`whose answer is ${name} is repeated, and nothing is quoted`, async () => {
      const { caller, clock, requests } = scripted(() => text(200, body));
      const failed = assert.rejects(caller.call(GET, never()), (error: CloudError) => {
        assert.equal(error.message, 'GET namespaces: the answer is no object in JSON');
        return true;
      });
      await clock.advance(5000);
      await failed;
      assert.equal(requests.length, 3);
    });

  it('that fails for its certificate makes us read the files anew', async () => {
    const { caller, clock, login } = scripted((_, count) =>
      count === 0
        ? Promise.reject(
            Object.assign(new Error('self signed'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
          )
        : json(200, {}),
    );
    const answer = caller.call(GET, never());
    await clock.advance(1000);
    await answer;
    assert.equal(login.forgotten, 1);
  });
});

describe('an answer that goes on', () => {
  const WATCH = { ...GET, query: { watch: 'true' } } as const;

  it('outlives the deadline of the call', async () => {
    const stream = new Stream();
    const { caller, clock, requests } = scripted(() => stream.response, { timeoutSeconds: 5 });
    const controller = new AbortController();
    const { body, end } = await caller.open(WATCH, controller.signal);
    await clock.advance(60_000);
    assert.equal(requests[0]?.signal.aborted, false);
    stream.send('later');
    for await (const piece of body) {
      assert.equal(Buffer.from(piece).toString(), 'later');
      break;
    }
    end();
    assert.equal(requests[0].signal.aborted, true);
  });

  it('must begin within it', async () => {
    const { caller, clock, requests } = scripted(hang, { timeoutSeconds: 5 });
    const failed = assert.rejects(caller.open(WATCH, never()), /within 5 s/);
    await clock.advance(20_000);
    await failed;
    assert.ok(requests.every(({ signal }) => signal.aborted));
  });

  it('is opened anew with new credentials', async () => {
    const { caller, requests } = scripted(
      ({ headers }) =>
        headers.authorization === 'Bearer new'
          ? new Stream().response
          : refusal(401, 'Unauthorized'),
      { tokens: ['old', 'new'] },
    );
    await caller.open(WATCH, never());
    assert.equal(requests.length, 2);
    assert.equal(requests[1]?.signal.aborted, false);
  });
});
