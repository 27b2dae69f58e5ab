import assert from 'node:assert/strict';

import { daemonError } from '../../../../../builder/dib/container/daemon-error.ts';

const raw = (message: string, fields: object): Error => Object.assign(new Error(message), fields);
const told = (error: unknown) => daemonError(error, 'cannot look', 'unix:///a.sock');

describe('errors of the Docker daemon', () => {
  it('are unreachable where nobody answers', () => {
    const error = told(raw('connect ENOENT /a.sock', { code: 'ENOENT' }));
    assert.equal(error.code, 'NP_BUILD_RUNNER');
    assert.deepEqual(error.labels, ['unreachable']);
    assert.equal(
      error.message,
      'cannot look: no Docker daemon answers at unix:///a.sock (connect ENOENT /a.sock)',
    );
    assert.match(error.hint ?? '', /Start the daemon/);
    assert.match(told(raw('no', { code: 'EACCES' })).hint ?? '', /group docker/);
    assert.deepEqual(told(raw('bad gateway', { statusCode: 502 })).labels, ['unreachable']);
  });

  it('say what the daemon says', () => {
    const error = told(
      raw('(HTTP code 404) no such image - No such image: dib ', { statusCode: 404 }),
    );
    assert.equal(error.message, 'cannot look: No such image: dib');
    assert.deepEqual(error.labels, ['notFound']);
    assert.deepEqual(
      told(raw('(HTTP code 500) server error - x ', { statusCode: 500 })).labels,
      [],
    );
    const going = 'can not get logs from container which is dead or marked for removal';
    assert.deepEqual(told(raw(going, { statusCode: 409 })).labels, ['notFound']);
  });

  it('stay what they are, when they are ours', () => {
    const ours = told(raw('x', { statusCode: 500 }));
    assert.equal(told(ours), ours);
    assert.equal(told(new TypeError('x is no function')).message, 'cannot look: x is no function');
  });
});
