/** `nodepool drain` on real launchers and a real ZooKeeper. */
import assert from 'node:assert/strict';

import { startSshServer } from '../../../fixtures/ssh/server.ts';
import { drainCli, startDrain } from '../../support/drain-desk.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play } from '../../support/launcher-scene.ts';
import type { ZuulSide } from '../../support/zuul-side.ts';

const first = { hostname: 'host-a' };
const second = config({ providers: [fakeProvider({ name: 'cloud-two', labels: ['small'] })] });

async function states(zuul: ZuulSide): Promise<unknown[]> {
  const nodes = [...(await zuul.nodes()).values()];
  return nodes.map(({ provider, state }) => `${String(provider)} ${String(state)}`).sort();
}

async function untilStates(zuul: ZuulSide, expected: readonly string[]): Promise<void> {
  await eventually(async () => {
    assert.deepEqual(await states(zuul), expected);
  });
}

describe('a launcher that is drained', () => {
  it('ends what it serves while another takes over, and goes on as before after that', () =>
    play(
      config(),
      async ({ zuul, own, cloud, another, connectString }) => {
        cloud.holdCreates();
        const serving = await zuul.submit(['small']);
        await eventually(() => {
          assert.equal(cloud.servers.length, 1);
        });
        const other = await another(second, { hostname: 'host-b' });
        await eventually(() => {
          assert.equal(own.launcher.labels().size, 2);
          assert.equal(other.launcher.status().providers[0]?.state, 'running');
        });
        const wait = await startDrain(connectString, 'host-a', '--wait', '--comment', 'upgrade');
        await eventually(() => {
          assert.ok(wait.lines.includes('launcher host-a makes nodes: 1 building'));
        });
        const taken = await zuul.ask(['small']);
        assert.equal((await zuul.node(taken.nodes[0] ?? ''))?.provider, 'cloud-two');
        const only = await zuul.submit(['large']);
        await eventually(() => {
          const { is_draining, requests, providers } = own.launcher.status();
          assert.equal(is_draining, true);
          assert.equal(providers[0]?.state, 'draining');
          assert.match(providers[0].problem ?? '', /by tester@desk: upgrade$/);
          assert.deepEqual(requests, [
            { id: only, code: 'draining', reason: 'cloud-main: launcher host-a is drained' },
          ]);
        });
        cloud.releaseCreates();
        await zuul.untilState(serving, 'fulfilled');
        const ended = await wait.ended;
        assert.equal(ended.code, 0, ended.err);
        assert.equal(
          ended.out.split('\n').at(-1),
          'launcher host-a serves nothing any more: it can be stopped',
        );
        const list = await drainCli(connectString, '--list', '--json');
        const [row] = JSON.parse(list.out) as Record<string, unknown>[];
        assert.equal(typeof row?.age, 'number');
        assert.deepEqual(
          { ...row, age: 0 },
          {
            ...{ kind: 'launcher', name: 'host-a', age: 0 },
            ...{ by: 'tester@desk', comment: 'upgrade' },
          },
        );
        const undone = await drainCli(connectString, 'host-a', '--undo');
        assert.equal(undone.out, 'launcher host-a takes requests again');
        await zuul.untilState(only, 'fulfilled');
        assert.equal(own.launcher.status().is_draining, false);
      },
      first,
    ));

  it('is still drained when it comes again, and then serves what has waited for it', () =>
    play(
      config(),
      async ({ zuul, own, another, connectString }) => {
        const done = await drainCli(connectString, 'host-a');
        assert.deepEqual([done.code, done.err], [0, '']);
        await own.stop();
        const again = await another(config(), { hostname: 'host-a' });
        const id = await zuul.submit(['small']);
        await eventually(() => {
          assert.equal(again.launcher.status().requests[0]?.code, 'draining');
        });
        await eventually(async () => {
          assert.equal((await zuul.components('launcher'))[0]?.state, 'drained');
        });
        await drainCli(connectString, 'host-a', '--undo');
        await zuul.untilState(id, 'fulfilled');
        await eventually(async () => {
          assert.equal((await zuul.components('launcher'))[0]?.state, 'running');
        });
      },
      first,
    ));
});

describe('a provider that is drained', () => {
  it('is empty when its nodes in all states have come to their ends', () =>
    play(
      config({ minReady: { large: 1 }, pool: { 'max-servers': 4 } }),
      async ({ zuul, own, cloud, another, connectString }) => {
        await untilStates(zuul, ['cloud ready']);
        const used = await zuul.ask(['small']);
        const using = await zuul.use(used.id, used.nodes);
        const held = await zuul.ask(['small']);
        const lock = await zuul.lock(held.nodes[0] ?? '');
        await zuul.cancel(held.id);
        await zuul.change(held.nodes[0] ?? '', { state: 'hold' });
        await lock.release();
        cloud.holdCreates();
        const building = await zuul.submit(['small']);
        await untilStates(zuul, ['cloud building', 'cloud hold', 'cloud in-use', 'cloud ready']);
        const wait = await startDrain(connectString, 'cloud', '--wait');
        await untilStates(zuul, ['cloud building', 'cloud hold', 'cloud in-use']);
        await eventually(async () => {
          assert.equal((await zuul.components('pool'))[0]?.paused, true);
        });
        const waiting = await zuul.submit(['small', 'small']);
        await eventually(() => {
          assert.equal(own.launcher.status().requests[0]?.code, 'draining');
        });
        const other = await another(second, { hostname: 'host-b' });
        await zuul.untilState(waiting, 'fulfilled');
        assert.equal(other.cloud('cloud-two').servers.length, 2);
        cloud.releaseCreates();
        await zuul.untilState(building, 'fulfilled');
        await zuul.cancel(building);
        await using.giveBack();
        const line = 'provider cloud: 1 hold; nodepool delete ends a hold (';
        await eventually(() => {
          assert.ok(wait.lines.at(-1)?.startsWith(line), wait.lines.join('\n'));
        });
        await zuul.change(held.nodes[0] ?? '', { state: 'used' });
        const ended = await wait.ended;
        assert.equal(ended.code, 0, ended.err);
        assert.match(ended.out, /provider cloud is empty: it has no nodes any more$/);
        assert.deepEqual(cloud.servers, []);
        const described = own.launcher.describe().drained as string[];
        assert.match(described[0] ?? '', /^provider cloud is drained since .* by tester@desk$/);
        await drainCli(connectString, 'cloud', '--undo');
        await eventually(async () => {
          assert.ok((await states(zuul)).includes('cloud ready'), 'min-ready comes back');
        });
      },
      first,
    ));

  it('is that also by a znode that nobody can read', () =>
    play(config(), async ({ zuul, own, connectString }) => {
      const path = '/nodepool/drain/providers/cloud';
      await zuul.client.ensurePath(path);
      await zuul.client.set(path, Buffer.from('{"since":'));
      const id = await zuul.submit(['small']);
      await eventually(() => {
        assert.equal(own.launcher.status().requests[0]?.code, 'draining');
      });
      assert.ok(own.lines.some((line) => line.includes('NP_RECORD_CORRUPT')));
      const list = await drainCli(connectString, '--list');
      assert.match(list.out, /\| provider \| cloud \|/);
      assert.match(list.err, /holds no record/);
      assert.equal((await drainCli(connectString, 'cloud', '--undo')).code, 0);
      await zuul.untilState(id, 'fulfilled');
    }));

  it('withdraws its static hosts that nobody uses, and brings them back', async () => {
    const server = await startSshServer();
    const host = (name: string): object => ({
      ...{ name, labels: 'small', 'connection-port': server.port, 'host-key-checking': false },
    });
    const nodes = [host('127.0.0.1'), host('127.0.0.2')];
    const rack = { name: 'rack', driver: 'static', pools: [{ name: 'main', nodes }] };
    await play(config({ providers: [rack] }), async ({ zuul, connectString }) => {
      await untilStates(zuul, ['rack ready', 'rack ready']);
      const asked = await zuul.ask(['small']);
      const using = await zuul.use(asked.id, asked.nodes);
      await drainCli(connectString, 'rack');
      await untilStates(zuul, ['rack in-use']);
      await using.giveBack();
      const wait = await drainCli(connectString, 'rack', '--wait');
      assert.match(
        wait.out,
        /^provider rack is drained already: .*\n(.*\n)*provider rack is empty/,
      );
      await drainCli(connectString, 'rack', '--undo');
      await untilStates(zuul, ['rack ready', 'rack ready']);
    }).finally(() => server.stop());
  });

  it('is waited for no longer than --timeout, and stays drained', () =>
    play(config({ minReady: { small: 0 } }), async ({ zuul, connectString }) => {
      const asked = await zuul.ask(['small']);
      const using = await zuul.use(asked.id, asked.nodes);
      const run = await drainCli(connectString, 'cloud', '--wait', '--timeout', '0.5');
      assert.equal(run.code, 1);
      assert.match(run.err, /not empty after 0\.5 seconds\nit stays drained/);
      assert.match(run.out, /provider cloud: 1 in-use/);
      const undone = await startDrain(connectString, 'cloud', '--wait');
      await eventually(() => {
        assert.ok(undone.lines.length >= 2);
      });
      await drainCli(connectString, 'cloud', '--undo');
      const ended = await undone.ended;
      assert.equal(ended.code, 1);
      assert.match(ended.err, /is not drained any more/);
      await using.giveBack();
    }));
});

describe('nodepool drain', () => {
  it('refuses names that it does not know, and command lines that say two things', () =>
    play(config(), async ({ connectString }) => {
      const unknown = await drainCli(connectString, 'clout');
      assert.equal(unknown.code, 1);
      assert.match(unknown.err, /no provider or launcher clout\ndid you mean cloud\?/);
      assert.equal((await drainCli(connectString, 'nobody', '--undo')).code, 0);
      for (const args of [
        [],
        ['cloud', '--provider', '--launcher'],
        ['cloud', '--undo', '--wait'],
        ['cloud', '--watch'],
        ['cloud', '--timeout', '5'],
        ['cloud', '--wait', '--timeout', 'soon'],
        ['clo/ud'],
      ]) {
        const run = await drainCli(connectString, ...args);
        assert.equal(run.code, 2, `${args.join(' ')}: ${run.err}`);
      }
      assert.equal((await drainCli(connectString, '--list', '--json')).out, '[]');
    }));

  it('asks which is meant where a provider and a launcher have one name', () =>
    play(
      config(),
      async ({ own, connectString }) => {
        const run = await drainCli(connectString, 'cloud');
        assert.equal(run.code, 1);
        assert.match(run.err, /--provider or --launcher/);
        const done = await drainCli(connectString, 'cloud', '--launcher', '--json');
        assert.equal(done.code, 0, done.err);
        const { kind, is_empty, obeying } = JSON.parse(done.out) as Record<string, unknown>;
        assert.deepEqual([kind, is_empty], ['launcher', true]);
        assert.deepEqual(obeying, [{ hostname: 'cloud', version: '0.0.0-test', pools: [] }]);
        assert.equal(own.launcher.status().is_draining, true);
        // Only one of the two is drained, so that there is nothing to ask.
        assert.match((await drainCli(connectString, 'cloud', '--undo')).out, /^launcher cloud/);
      },
      { hostname: 'cloud' },
    ));
});
