import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { ZooKeeperError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { Store } from '../../../shared/store/store.ts';

const LOST = new ZooKeeperError('ZK_CONNECTION_LOSS', 'the server does not answer', {
  labels: ['retryable', 'ambiguous'],
});

/** A store whose client fails the first calls that make paths. */
function failing(errors: Error[]): { store: Store; clock: ManualClock } {
  const client = new FakeZooKeeper(new FakeServer());
  const ensurePath = client.ensurePath.bind(client);
  client.ensurePath = (path) => {
    const error = errors.shift();
    return error ? Promise.reject(error) : ensurePath(path);
  };
  const clock = new ManualClock();
  return { store: new Store({ client, clock, log: silentLogger }), clock };
}

const never = (): AbortSignal => new AbortController().signal;

describe('the start of a store', () => {
  it('goes on where the connection is lost meanwhile', async () => {
    const { store, clock } = failing([LOST, LOST, LOST]);
    const starting = store.start(never());
    await clock.advance(5_000);
    await starting;
    assert.equal(store.isCurrent, true);
  });

  it('fails where the server refuses', async () => {
    const { store } = failing([new ZooKeeperError('ZK_NO_AUTH', 'not allowed')]);
    await assert.rejects(store.start(never()), /not allowed/);
  });

  it('ends when it is told to', async () => {
    const { store, clock } = failing(Array.from({ length: 1000 }, () => LOST));
    const controller = new AbortController();
    const ended = assert.rejects(store.start(controller.signal), /told to/);
    await clock.advance(2_000);
    controller.abort(new ZooKeeperError('ZK_CLOSED', 'told to'));
    await ended;
  });
});
