import assert from 'node:assert/strict';

import type { ComponentRecord } from '../../../schemas/records/component.ts';
import { ZooKeeperError } from '../../../shared/base/errors.ts';
import { componentRoot } from '../../../shared/store/paths.ts';
import { StoreWorld } from '../../support/fake-store.ts';

const LOST = new ZooKeeperError('ZK_CONNECTION_LOSS', 'the answer was lost', {
  labels: ['retryable', 'ambiguous'],
});

function pool(id: string): ComponentRecord {
  return {
    ...{ hostname: 'host', kind: 'pool', state: 'running', version: '1', model_api: 0 },
    ...{ id, name: 'main', provider_name: 'cloud', supported_labels: [], priority: 100 },
    paused: false,
  };
}

/** The server does the next call of this kind, but its answer is lost. */
function loseAnswer(world: StoreWorld, kind: 'create' | 'set' | 'delete'): void {
  const client = world.client as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  const call = client[kind]?.bind(world.client);
  client[kind] = async (...args) => {
    if (call) client[kind] = call;
    await call?.(...args);
    throw LOST;
  };
}

describe('an entry in the registry', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  const entries = async (): Promise<unknown[]> => {
    const root = componentRoot('pool');
    const { children } = await world.other.children(root);
    return children.map((name) => (world.read(`${root}/${name}`) as { id: string }).id).toSorted();
  };

  for (const kind of ['create', 'set'] as const)
    it(`is there once where the answer to a ${kind} is lost`, async () => {
      loseAnswer(world, kind);
      const one = world.store.components.register(pool('one'));
      world.store.components.register(pool('two'));
      await world.clock.advance(100);
      one.update({ paused: true });
      await world.clock.advance(5_000);
      assert.deepEqual(await entries(), ['one', 'two']);
    });

  it('is removed where it was never told of', async () => {
    loseAnswer(world, 'create');
    const one = world.store.components.register(pool('one'));
    await world.clock.advance(1);
    await one.remove();
    assert.deepEqual(await entries(), []);
  });

  it('is removed some day where the answer does not come', async () => {
    const one = world.store.components.register(pool('one'));
    await world.clock.advance(100);
    world.client.delete = () => {
      Reflect.deleteProperty(world.client, 'delete');
      return Promise.reject(LOST);
    };
    await one.remove();
    await world.clock.advance(5_000);
    assert.deepEqual(await entries(), []);
  });
});
