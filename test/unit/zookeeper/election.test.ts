import assert from 'node:assert/strict';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { Election } from '../../../shared/zookeeper/election.ts';

const PATH = '/nodepool/elections/stats';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Leads until its signal aborts. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

describe('an election', () => {
  it('has one leader, and another when that one has gone', async () => {
    const server = new FakeServer();
    const leaders: string[] = [];
    const stops = ['a', 'b'].map((identifier) => {
      const stop = new AbortController();
      const election = new Election(new FakeZooKeeper(server), PATH, { identifier });
      const ended = election.run((signal) => {
        leaders.push(identifier);
        return untilAborted(signal);
      }, stop.signal);
      return { stop, ended };
    });
    while (!server.znodes.has(PATH) || server.znodes.children(PATH).children.length < 2)
      await turn();
    assert.equal(leaders.length, 1);
    const first = leaders[0] === 'a' ? 0 : 1;
    stops[first]?.stop.abort();
    await stops[first]?.ended;
    while (new Set(leaders).size < 2) await turn();
    assert.deepEqual([...leaders].sort(), ['a', 'b']);
    stops[1 - first]?.stop.abort();
    await Promise.all(stops.map(({ ended }) => ended));
    assert.deepEqual(server.znodes.children(PATH).children, []);
  });

  it('shows who leads', async () => {
    const server = new FakeServer();
    const election = new Election(new FakeZooKeeper(server), PATH, { identifier: 'host-17' });
    await election.run(() => {
      const [child = ''] = server.znodes.children(PATH).children;
      assert.equal(server.znodes.get(`${PATH}/${child}`).data.toString(), 'host-17');
      return Promise.resolve();
    }, new AbortController().signal);
  });

  it('tells a leader that lost its session, and lets it lead again', async () => {
    const server = new FakeServer();
    const client = new FakeZooKeeper(server);
    let terms = 0;
    await new Election(client, PATH, { identifier: 'a' }).run(async (signal) => {
      terms++;
      if (terms > 1) return;
      setImmediate(() => {
        client.expire();
        client.reconnect();
      });
      await untilAborted(signal);
    }, new AbortController().signal);
    assert.equal(terms, 2);
  });

  it('passes the error of a leader on, and gives the lead up', async () => {
    const server = new FakeServer();
    const election = new Election(new FakeZooKeeper(server), PATH, { identifier: 'a' });
    const failing = election.run(
      () => Promise.reject(new Error('on purpose')),
      new AbortController().signal,
    );
    await assert.rejects(failing, /on purpose/);
    assert.deepEqual(server.znodes.children(PATH).children, []);
  });
});
