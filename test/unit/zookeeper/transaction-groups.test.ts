/** Several transactions in one request: when, how many, and what each of them is told. */
import assert from 'node:assert/strict';
import { hasCode, hasLabel, ZooKeeperError } from '../../../shared/base/errors.ts';
import { errorOfReply, MultiError } from '../../../shared/zookeeper/errors.ts';
import { TransactionGroups } from '../../../shared/zookeeper/transaction-groups.ts';
import type { MultiOp, MultiResult } from '../../../shared/zookeeper/types.ts';

interface Sent {
  readonly paths: readonly string[];
  readonly answer: () => void;
  readonly refuse: (index: number) => void;
  readonly lose: () => void;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const BUSY = ['/busy1', '/busy2', '/busy3', '/busy4'];

class Server {
  readonly sent: Sent[] = [];
  readonly groups = new TransactionGroups((ops) => this.#take(ops));

  submit(...paths: string[]): Promise<MultiResult[]> {
    return this.groups.submit(paths.map(opOn));
  }

  get paths(): string[] {
    return this.sent.map(({ paths }) => paths.join(' '));
  }

  /** Sends as many requests as may be under way, so that what comes next has to wait. */
  async keepBusy(): Promise<void> {
    for (const path of BUSY) {
      void this.submit(path);
      await turn();
    }
  }

  at(index: number): Sent {
    const sent = this.sent[index];
    assert.ok(sent, `request ${index} was sent`);
    return sent;
  }

  #take(ops: readonly MultiOp[]): Promise<MultiResult[]> {
    return new Promise((resolve, reject) => {
      this.sent.push({
        paths: ops.map(({ path }) => path),
        answer: () => {
          resolve(ops.map(({ path }) => ({ op: 'create', path, stat: {} as never })));
        },
        refuse: (index) => {
          reject(new MultiError(index, errorOfReply(-110, 'create'), ops.length));
        },
        lose: () => {
          reject(new ZooKeeperError('ZK_CONNECTION_LOSS', 'lost', { labels: ['ambiguous'] }));
        },
      });
    });
  }
}

function opOn(path: string): MultiOp {
  return { op: 'create', path };
}

function pathsOf(results: readonly MultiResult[]): string[] {
  return results.map((result) => (result.op === 'create' ? result.path : ''));
}

describe('transactions in groups', () => {
  let server: Server;
  beforeEach(() => {
    server = new Server();
  });

  it('tells a few of many in one turn, in order, the next group after the one before', async () => {
    const told: string[] = [];
    const submit = (path: string): void => {
      void server.submit(path).then(() => told.push(path));
    };
    for (let number = 0; number < 10; number++) submit(`/a${number}`);
    await turn();
    for (let number = 0; number < 3; number++) submit(`/b${number}`);
    await turn();
    server.at(0).answer();
    server.at(1).answer();
    await Promise.resolve().then(() => undefined);
    const first = told.length;
    assert.ok(first < 10, 'not all of the first group');
    while (told.length < 13) await turn();
    const all = [...Array.from({ length: 10 }, (_, n) => `/a${n}`), '/b0', '/b1', '/b2'];
    assert.deepEqual(told, all);
  });

  it('sends one at once where nothing else is under way', async () => {
    const done = server.submit('/a', '/b');
    await turn();
    assert.deepEqual(server.paths, ['/a /b']);
    server.at(0).answer();
    assert.deepEqual(pathsOf(await done), ['/a', '/b']);
  });

  it('sends those of one turn together, and gives each its own answers', async () => {
    const all = [server.submit('/a', '/b'), server.submit('/c'), server.submit('/d', '/e')];
    await turn();
    assert.deepEqual(server.paths, ['/a /b /c /d /e']);
    server.at(0).answer();
    assert.deepEqual((await Promise.all(all)).map(pathsOf), [['/a', '/b'], ['/c'], ['/d', '/e']]);
  });

  it('keeps those that come while enough requests are under way, until one is answered', async () => {
    await server.keepBusy();
    void server.submit('/a');
    await turn();
    void server.submit('/b');
    await turn();
    assert.deepEqual(server.paths, [...BUSY]);
    server.at(1).answer();
    await turn();
    await turn();
    assert.deepEqual(server.paths, [...BUSY, '/a /b']);
  });

  it('sends each alone where the group is refused, the culprit too', async () => {
    const first = server.submit('/a');
    const second = server.submit('/b', '/c');
    await turn();
    server.at(0).refuse(2);
    await turn();
    assert.deepEqual(server.paths, ['/a /b /c', '/a', '/b /c']);
    server.at(1).answer();
    server.at(2).refuse(1);
    assert.deepEqual(pathsOf(await first), ['/a']);
    await assert.rejects(second, (error) => error instanceof MultiError && error.failedIndex === 1);
  });

  it('leaves the fate of each open where the reply is lost', async () => {
    const all = [server.submit('/a'), server.submit('/b')];
    await turn();
    server.at(0).lose();
    for (const one of all) await assert.rejects(one, (error) => hasLabel(error, 'ambiguous'));
    assert.equal(server.sent.length, 1);
  });

  it('goes on after a failure', async () => {
    await server.keepBusy();
    const done = server.submit('/a');
    server.at(0).lose();
    await turn();
    await turn();
    server.at(BUSY.length).answer();
    assert.deepEqual(pathsOf(await done), ['/a']);
  });

  it('does not send what was given up while it waited', async () => {
    await server.keepBusy();
    const giveUp = new AbortController();
    const given = server.groups.submit([opOn('/a')], { signal: giveUp.signal });
    void server.submit('/b');
    giveUp.abort(new ZooKeeperError('ZK_CLOSED', 'enough'));
    await assert.rejects(given, (error) => hasCode(error, 'ZK_CLOSED'));
    server.at(0).answer();
    await turn();
    await turn();
    assert.deepEqual(server.paths, [...BUSY, '/b']);
  });

  it('bounds a group by operations and by bytes, but sends a single large one', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `/m${index}`);
    const large: MultiOp = { op: 'set', path: '/large', data: Buffer.alloc(300_000) };
    void server.submit(...many);
    void server.submit(...many);
    await turn();
    assert.deepEqual(
      server.sent.map(({ paths }) => paths.length),
      [150, 150],
    );
    void server.groups.submit([large]);
    void server.submit('/small');
    server.at(0).answer();
    server.at(1).answer();
    await turn();
    await turn();
    assert.deepEqual(server.paths.slice(2), ['/large', '/small']);
  });

  it('sends one with a deadline of its own alone and at once', async () => {
    await server.keepBusy();
    void server.groups.submit([opOn('/a')], { timeoutMs: 5 });
    assert.deepEqual(server.paths, [...BUSY, '/a']);
  });
});
