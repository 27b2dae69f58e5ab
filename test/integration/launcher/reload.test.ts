/** The configuration changes while the launcher runs: what follows it, and what goes on undisturbed. */
import assert from 'node:assert/strict';
import { CloudError } from '../../../shared/base/errors.ts';
import type { Driver } from '../../../shared/drivers/driver.ts';
import { createFakeDriver } from '../../../shared/drivers/fake/driver.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play, type Scene } from '../../support/launcher-scene.ts';

/** Waits until exactly these pools are registered, with their labels. */
async function untilPools({ zuul }: Scene, pools: Record<string, string[]>): Promise<void> {
  await eventually(async () => {
    const found = (await zuul.components('pool')).map((pool) => [
      String(pool.provider_name),
      pool.supported_labels,
    ]);
    assert.deepEqual(Object.fromEntries(found), pools);
  });
}

/** How often the provider was started. */
function runs(lines: readonly string[], provider: string): number {
  const text = `"provider":"${provider}"`;
  return lines.filter((line) => line.includes('provider runs') && line.includes(text)).length;
}

describe('a configuration that changes', () => {
  it('adds a provider, which serves at once', () =>
    play(config(), async (scene) => {
      await scene.own.rewrite(
        config({ providers: [fakeProvider(), fakeProvider({ name: 'two', labels: ['huge'] })] }),
      );
      await untilPools(scene, { cloud: ['small', 'large'], two: ['huge'] });
      const { nodes } = await scene.zuul.ask(['huge']);
      assert.equal((await scene.zuul.node(nodes[0] ?? ''))?.provider, 'two');
    }));

  it('adds and removes labels of a pool, whose id stays', () =>
    play(config(), async (scene) => {
      await untilPools(scene, { cloud: ['small', 'large'] });
      const before = await scene.zuul.components('pool');
      await scene.own.rewrite(config({ labels: ['small', 'huge'] }));
      await untilPools(scene, { cloud: ['small', 'huge'] });
      const after = await scene.zuul.components('pool');
      assert.equal(after[0]?.id, before[0]?.id);
      await scene.zuul.ask(['huge']);
      const gone = await scene.zuul.submit(['large']);
      await scene.zuul.untilState(gone, 'failed');
    }));

  it('removes a provider: its pools unregister, its requests are declined', () =>
    play(
      config({ providers: [fakeProvider(), fakeProvider({ name: 'two', labels: ['huge'] })] }),
      async (scene) => {
        await untilPools(scene, { cloud: ['small', 'large'], two: ['huge'] });
        await scene.own.rewrite(config());
        await untilPools(scene, { cloud: ['small', 'large'] });
        const id = await scene.zuul.submit(['huge']);
        await scene.zuul.untilState(id, 'failed');
        await scene.zuul.ask(['small']);
      },
    ));

  it('raises a limit for which a request waits', () =>
    play(config({ pool: { 'max-servers': 1 } }), async ({ zuul, own }) => {
      const first = await zuul.ask(['small']);
      const using = await zuul.use(first.id, first.nodes);
      const id = await zuul.submit(['small']);
      await zuul.untilState(id, 'pending');
      await own.rewrite(config({ pool: { 'max-servers': 2 } }));
      await zuul.untilState(id, 'fulfilled');
      await using.giveBack();
    }));

  it('changes a provider while it launches: the launch ends well', () =>
    play(config(), async (scene) => {
      const { zuul, cloud, own } = scene;
      cloud.holdCreates();
      const id = await zuul.submit(['small']);
      await eventually(() => {
        assert.equal(cloud.servers.length, 1);
      });
      await own.rewrite(config({ labels: ['small', 'huge'] }));
      await untilPools(scene, { cloud: ['small', 'huge'] });
      cloud.releaseCreates();
      await zuul.untilState(id, 'fulfilled');
      assert.equal(cloud.calls.create, 1);
    }));

  it('connects anew to a provider whose driver has other options of ours, and to no other', () => {
    const connects: string[] = [];
    const fake = createFakeDriver();
    const counting: Driver = {
      name: 'openstack',
      connect: (one, env, signal) => {
        connects.push(one.name);
        return fake.connect(one, env, signal);
      },
    };
    const providers = ['a', 'b'].map((name) =>
      fakeProvider({ name, provider: { driver: 'openstack' } }),
    );
    const file = (more: Readonly<Record<string, unknown>>) => ({
      ...config({ providers: [...providers, fakeProvider()] }),
      extensions: { intervals: { 'config-check': 0.5 }, drivers: more },
    });
    return play(
      file({}),
      async (scene) => {
        const { own } = scene;
        const labels = ['small', 'large'];
        await untilPools(scene, { a: labels, b: labels, cloud: labels });
        await own.rewrite(file({ fake: { 'create-delay': 0.01 } }));
        await eventually(() => {
          assert.ok(runs(own.lines, 'cloud') === 2);
        });
        assert.deepEqual(connects.toSorted(), ['a', 'b']);
        const [first, second] = providers;
        const changed = { ...second, 'max-concurrency': 7 };
        await own.rewrite({ ...file({}), providers: [first, changed, fakeProvider()] });
        await eventually(() => {
          assert.deepEqual(connects.toSorted(), ['a', 'b', 'b']);
        });
      },
      { drivers: { openstack: counting } },
    );
  });

  it('moves a label from one provider to another: what waits goes on there', () =>
    play(config({ provider: { 'max-concurrency': 0 } }), async ({ zuul, own }) => {
      const id = await zuul.submit(['small']);
      const providers = [
        fakeProvider({ labels: ['large'] }),
        fakeProvider({ name: 'two', labels: ['small'] }),
      ];
      await own.rewrite(config({ providers }));
      const record = await zuul.untilState(id, 'fulfilled');
      const [node] = record.nodes as string[];
      assert.equal((await zuul.node(node ?? ''))?.provider, 'two');
    }));

  it('renames a pool: the new one serves, nodes of the old one are given back and deleted', () =>
    play(config(), async (scene) => {
      const { zuul, own, cloud } = scene;
      const { id, nodes } = await zuul.ask(['small']);
      const using = await zuul.use(id, nodes);
      const renamed = fakeProvider({ pool: { name: 'other' } });
      await own.rewrite(config({ providers: [renamed] }));
      await eventually(async () => {
        const names = (await zuul.components('pool')).map((pool) => pool.name);
        assert.deepEqual(names, ['other']);
      });
      const next = await zuul.ask(['small']);
      assert.equal((await zuul.node(next.nodes[0] ?? ''))?.pool, 'other');
      await using.giveBack();
      await zuul.untilGone(nodes);
      assert.equal(cloud.servers.length, 1);
    }));

  it('leaves nodes of a provider that is gone alone, and deletes them when it is back', () => {
    const two = fakeProvider({ name: 'two', labels: ['huge'] });
    return play(config({ providers: [fakeProvider(), two] }), async (scene) => {
      const { zuul, own } = scene;
      const { id, nodes } = await zuul.ask(['huge']);
      const using = await zuul.use(id, nodes);
      await own.rewrite(config());
      await untilPools(scene, { cloud: ['small', 'large'] });
      await using.giveBack();
      await zuul.ask(['small']);
      assert.equal((await zuul.node(nodes[0] ?? ''))?.state, 'used');
      await own.rewrite(config({ providers: [fakeProvider(), two] }));
      await zuul.untilGone(nodes);
    });
  });

  it('asks for more nodes in stock', () =>
    play(config(), async ({ zuul, own }) => {
      await own.rewrite(config({ minReady: { large: 2 } }));
      await eventually(async () => {
        const nodes = [...(await zuul.nodes()).values()];
        assert.equal(nodes.filter((node) => node.state === 'ready').length, 2);
      });
    }));

  it('that is broken leaves the last good one in force, and the next good one counts', () =>
    play(config(), async (scene) => {
      const { zuul, own } = scene;
      await untilPools(scene, { cloud: ['small', 'large'] });
      await own.rewrite('labels: [{name: small}\nproviders: {');
      await eventually(() => {
        assert.ok(own.lines.some((line) => line.includes('the last good one stays in force')));
      });
      await zuul.ask(['small', 'large']);
      await untilPools(scene, { cloud: ['small', 'large'] });
      await own.rewrite(config({ labels: ['small', 'huge'] }));
      await untilPools(scene, { cloud: ['small', 'huge'] });
    }));
});

describe('a provider that cannot start', () => {
  /** Fails so many times, then never connects again. */
  const failing = (): Driver & { tries: number } => {
    const driver = {
      name: 'static',
      tries: 0,
      connect: () => {
        driver.tries++;
        return Promise.reject(new CloudError('NP_CLOUD_TRANSIENT', 'no cloud here'));
      },
    };
    return driver;
  };
  const broken = {
    name: 'broken',
    driver: 'static',
    pools: [{ name: 'main', nodes: [{ name: 'fake-host', labels: ['metal'], 'host-key': [] }] }],
  };

  it('does not disturb others; what only it could serve fails', () =>
    play(
      config({ providers: [fakeProvider(), broken] }),
      async (scene) => {
        await untilPools(scene, { cloud: ['small', 'large'] });
        await scene.zuul.ask(['small']);
        const id = await scene.zuul.submit(['metal']);
        await scene.zuul.untilState(id, 'failed');
        await eventually(() => {
          assert.ok(scene.own.lines.some((line) => line.includes('no cloud here')));
        });
      },
      { drivers: { static: failing() } },
    ));

  it('is tried again until it can', async () => {
    const never = failing();
    await play(
      config({ providers: [fakeProvider(), broken] }),
      async () => {
        await eventually(() => {
          assert.ok(never.tries >= 2);
        });
      },
      { drivers: { static: never } },
    );
  });
});
