/**
 * An ensemble of three under load, whose members are killed, frozen and started again, and sessions
 * that expire on purpose. After each blow the work goes on; in the end nothing that was confirmed is
 * missing, nothing was done twice, no lock remains, and the tree caches show what the server has.
 */
import assert from 'node:assert/strict';
import { startCuttingProxy, type CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { TreeCache } from '../../../shared/zookeeper/tree-cache.ts';
import { eventually } from '../../support/eventually.ts';
import { judge, LOG, newHistory, RESOURCES, work } from './workload.ts';

const MEMBERS = [1, 2, 3];
const WORKERS = 6;
const SESSION_MS = 4_000;
/** Elections and restarts on a busy machine. */
const PATIENCE_MS = 90_000;
/** The operation's code on the wire. */
const MULTI = 14;
const never = new AbortController().signal;

for (const mode of ['plain', 'tls'] as const)
  describe(`an ensemble of three under load, ${mode}`, () => {
    const history = newHistory();
    const stop = new AbortController();
    const clients: ZooKeeperClient[] = [];
    const caches: TreeCache[] = [];
    let zk: RunningZooKeeper;
    let proxy: CuttingProxy;
    let working: Promise<void>[];

    const connect = async (connectString: string): Promise<ZooKeeperClient> => {
      const client = new ZooKeeperClient({
        connectString,
        sessionTimeoutMs: SESSION_MS,
        ...(mode === 'tls' ? { tls: zk.tls } : {}),
      });
      clients.push(client);
      await client.start(AbortSignal.timeout(PATIENCE_MS));
      return client;
    };

    before(async () => {
      zk = await startZooKeeper({ members: 3, mode, tickMs: 500 });
      const hosts = mode === 'tls' ? zk.tlsHosts : zk.plainHosts;
      proxy = await startCuttingProxy(hosts.split(',')[0] ?? '');
      const first = await connect(hosts);
      for (const path of [LOG, '/resources', ...RESOURCES]) await first.ensurePath(path);
      for (const root of [LOG, '/resources']) {
        const cache = new TreeCache({
          client: await connect(hosts),
          root,
          classify: (path) => (path.includes('/') ? 'presence' : 'data'),
          log: silentLogger,
        });
        await cache.start(never);
        caches.push(cache);
      }
      working = [];
      for (let number = 0; number < WORKERS; number++) {
        // The last one can be cut off from all servers at once.
        const isCuttable = number === WORKERS - 1;
        const client = await connect(isCuttable ? `127.0.0.1:${proxy.port}` : hosts);
        working.push(work({ name: `w${number}`, client, history, stop: stop.signal }));
      }
    });

    after(async () => {
      stop.abort();
      await Promise.all(caches.map((cache) => cache.stop()));
      await Promise.all(clients.map((client) => client.close()));
      await proxy.close();
      await zk.stop();
    });

    /** The number of the leader; undefined while there is none. */
    const leader = async (): Promise<number | undefined> => {
      for (const number of MEMBERS) {
        const answer = await zk.fourLetterWord(number, 'srvr').catch(() => '');
        if (answer.includes('Mode: leader')) return number;
      }
      return undefined;
    };

    const roles = async (): Promise<{ leading: number; following: number }> => {
      let leading: number | undefined;
      await eventually(async () => (leading = await leader()) !== undefined, PATIENCE_MS);
      assert.ok(leading);
      return { leading, following: (leading % MEMBERS.length) + 1 };
    };

    /** Waits until every worker has succeeded again; the last one has only the first member. */
    const untilAllWork = async (down?: number): Promise<void> => {
      const before = new Set(history.confirmed);
      const wanted = down === 1 ? WORKERS - 1 : WORKERS;
      const busy = (): Set<string> =>
        new Set([...history.confirmed].filter((id) => !before.has(id)).map((id) => id.slice(0, 2)));
      await eventually(() => busy().size >= wanted, PATIENCE_MS);
      assert.deepEqual(history.violations, []);
    };

    beforeEach(() => untilAllWork());

    it('goes on when a follower is killed and comes back', async () => {
      const { following } = await roles();
      await zk.member(following).kill();
      await untilAllWork(following);
      await zk.member(following).start();
      await untilAllWork();
    });

    it('goes on when the leader is killed and comes back', async () => {
      const { leading } = await roles();
      await zk.member(leading).kill();
      await untilAllWork(leading);
      await zk.member(leading).start();
      await untilAllWork();
    });

    it('goes on when the leader is frozen and thawed', async () => {
      const { leading } = await roles();
      zk.member(leading).pause();
      await untilAllWork(leading);
      zk.member(leading).resume();
      await zk.untilServing();
      await untilAllWork();
    });

    it('goes on when a follower is frozen for longer than a session lives', async () => {
      const { following } = await roles();
      zk.member(following).pause();
      const until = performance.now() + 1.5 * SESSION_MS;
      await eventually(() => performance.now() > until);
      zk.member(following).resume();
      await zk.untilServing();
      await untilAllWork();
    });

    it('goes on when all are killed and started again', async () => {
      await Promise.all(MEMBERS.map((number) => zk.member(number).kill()));
      await eventually(() => clients.every((one) => one.state !== 'connected'), PATIENCE_MS);
      for (const number of MEMBERS) await zk.member(number).start({ mayLackQuorum: true });
      await zk.untilServing();
      await untilAllWork();
    });

    it('goes on when all were away for longer than sessions live', async () => {
      const sessions = clients.map((client) => client.session);
      await Promise.all(MEMBERS.map((number) => zk.member(number).kill()));
      await eventually(() => sessions.every((one) => one?.signal.aborted !== false), PATIENCE_MS);
      for (const number of MEMBERS) await zk.member(number).start({ mayLackQuorum: true });
      await zk.untilServing();
      await untilAllWork();
    });

    it('goes on when one session expires on purpose', async () => {
      const session = clients.at(-1)?.session;
      proxy.refuse(true);
      proxy.cut();
      await eventually(() => session?.signal.aborted, PATIENCE_MS);
      proxy.refuse(false);
      await untilAllWork();
    });

    // Frames can be seen in plain connections only.
    if (mode === 'plain')
      it('goes on when replies to transactions are lost', async () => {
        for (let round = 0; round < 6; round++) {
          // A worker's transactions are by turns one for the lock and one under the lock.
          let transactions = 0;
          const isUnderLock = (code: number): boolean => code === MULTI && ++transactions === 2;
          await proxy.swallowReply(round % 2 === 0 ? (code) => code === MULTI : isUnderLock);
        }
        await untilAllWork();
        assert.ok(history.unknown.size > 0);
      });

    it('has kept every promise in the end', async () => {
      stop.abort();
      await Promise.all(working);
      const observer = await connect(mode === 'tls' ? zk.tlsHosts : zk.plainHosts);
      await observer.sync(LOG);
      const { children } = await observer.children(LOG);
      const log = await Promise.all(
        children.map(async (name) => (await observer.get(`${LOG}/${name}`)).data.toString()),
      );
      assert.deepEqual(judge(history, log), []);
      assert.ok(history.confirmed.size > 100, `only ${history.confirmed.size} steps`);
      await eventually(async () => {
        for (const path of RESOURCES)
          assert.deepEqual((await observer.children(`${path}/lock`)).children, []);
      });
      await eventually(() => caches.every((cache) => cache.isCurrent));
      for (const cache of caches) await compare(cache, observer);
    });

    /** A cache shows what the server has, and nothing else. */
    async function compare(cache: TreeCache, observer: ZooKeeperClient): Promise<void> {
      const root = cache.has(LOG) ? LOG : '/resources';
      const { children } = await observer.children(root);
      await eventually(() => {
        assert.deepEqual([...cache.children(root)].sort(), children.sort());
      });
      for (const name of children) {
        const { data, stat } = await observer.get(`${root}/${name}`);
        const cached = cache.get(`${root}/${name}`);
        assert.equal(cached?.data.toString(), data.toString());
        assert.equal(cached.stat.mzxid, stat.mzxid);
        assert.deepEqual(cache.children(`${root}/${name}/lock`), []);
      }
    }
  });
