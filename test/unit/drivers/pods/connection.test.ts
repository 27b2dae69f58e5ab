import assert from 'node:assert/strict';

import { ownConnection, workerConnection } from '../../../../shared/drivers/pods/connection.ts';

const access = { token: 'secret', caCrt: 'Q0E=' };
const place = { server: 'https://cluster.example:6443', skipTls: false };

describe('pods: what Zuul gets to connect with', () => {
  it('is the service account of the namespace, with the cluster’s certificate', () => {
    assert.deepEqual(workerConnection({ place, namespace: 'main-1', access, pod: undefined }), {
      namespace: 'main-1',
      host: 'https://cluster.example:6443',
      skiptls: false,
      token: 'secret',
      user: 'zuul-worker',
      ca_crt: 'Q0E=',
    });
  });

  it('names the pod, and no certificate that nobody looks at', () => {
    const lax = { ...place, skipTls: true };
    assert.deepEqual(workerConnection({ place: lax, namespace: 'main-1', access, pod: 'small' }), {
      namespace: 'main-1',
      host: 'https://cluster.example:6443',
      skiptls: true,
      token: 'secret',
      user: 'zuul-worker',
      pod: 'small',
    });
  });

  it('is our own token in a project that is there anyway', () => {
    const wish = { place, namespace: 'main', pod: 'small-1', token: 'ours', caCrt: undefined };
    assert.deepEqual(ownConnection(wish), {
      pod: 'small-1',
      namespace: 'main',
      host: 'https://cluster.example:6443',
      ca_crt: null,
      skiptls: false,
      token: 'ours',
      user: 'zuul-worker',
    });
    assert.equal(ownConnection({ ...wish, caCrt: 'Q0E=' }).ca_crt, 'Q0E=');
  });
});
