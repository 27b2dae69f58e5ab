import assert from 'node:assert/strict';
import { CloudError } from '../../../../shared/base/errors.ts';
import { deleteLocked } from '../../../../shared/cli/provider/delete-now.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { lockNode, type LockedNode } from '../../../../shared/store/orders/locked-node.ts';
import { nodeLockPath, nodePath } from '../../../../shared/store/paths.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

type Delete = Provider['delete'];

describe('deleting a locked node in a command', () => {
  let world: StoreWorld;
  let node: LockedNode;
  let warnings: string[];

  beforeEach(async () => {
    world = await StoreWorld.start();
    const made = await world.node({ external_id: 'machine', driver_data: { slot: 1 } });
    const { client, clock } = world;
    const signal = new AbortController().signal;
    const outcome = await lockNode(made.id, { client, clock, signal });
    assert.equal(outcome.kind, 'locked');
    ({ node } = outcome);
    warnings = [];
  });

  const run = (work: Delete, signal = new AbortController().signal): Promise<void> => {
    const { clock } = world;
    const context = { clock, signal, warn: (line: string) => warnings.push(line) };
    return deleteLocked(node, { delete: work }, context);
  };
  const isThere = async (): Promise<boolean> =>
    (await world.other.exists(nodePath(node.id))) !== undefined;
  const hang: Delete = () => new Promise(() => undefined);

  it('asks for the machine with all that is known, while the node is deleting', async () => {
    await run((target) => {
      assert.equal(world.stateOf({ path: nodePath(node.id) }), 'deleting');
      const expected = { externalId: 'machine', nodeId: node.id, driverData: { slot: 1 } };
      assert.deepEqual(target, expected);
      return Promise.resolve();
    });
    assert.equal(await isThere(), false);
  });

  it('takes a machine that is not there for deleted', async () => {
    await run(() => Promise.reject(new CloudError('NP_CLOUD_NOT_FOUND', 'no such machine')));
    assert.equal(await isThere(), false);
    assert.deepEqual(warnings, []);
  });

  it('removes the node though somebody waits for its lock', async () => {
    const waiting = new AbortController();
    const wait = new Lock(world.other, nodeLockPath(node.id)).acquire({ signal: waiting.signal });
    wait.catch(() => undefined);
    await world.clock.advance(0);
    await run(() => Promise.resolve());
    assert.equal(await isThere(), false);
    waiting.abort(new Error('done'));
  });

  it('fails with the reason, and keeps node and lock', async () => {
    const reason = new CloudError('NP_CLOUD_TRANSIENT', 'the cloud is ill');
    await assert.rejects(
      run(() => Promise.reject(reason)),
      { message: `node ${node.id} has not been deleted`, cause: reason },
    );
    assert.equal(await isThere(), true);
    assert.equal(node.signal.aborted, false);
  });

  it('says what it waits for, and gives up after ten minutes', async () => {
    const end = run(hang).catch((error: unknown) => error as Error);
    await world.clock.advance(9_999);
    assert.deepEqual(warnings, []);
    await world.clock.advance(1);
    assert.deepEqual(warnings, [`still waiting for provider cloud to delete node ${node.id}`]);
    await world.clock.advance(590_000);
    const { cause } = (await end) as Error;
    assert.match(String(cause), /no end of it within 600 s/);
    assert.equal(world.clock.pending, 0);
  });

  it('stops when the lock is lost: a launcher may be at it', async () => {
    let told: AbortSignal | undefined;
    const end = run((_target, signal) => {
      told = signal;
      return hang({ externalId: '', nodeId: '', driverData: null }, signal);
    }).catch((error: unknown) => error as Error);
    await world.clock.advance(0);
    world.client.expire();
    const { cause } = (await end) as Error & { cause: { code: string } };
    assert.equal(cause.code, 'ZK_LOCK_LOST');
    assert.equal(told?.aborted, true);
    assert.equal(await isThere(), true);
  });

  it('stops when the user interrupts', async () => {
    const controller = new AbortController();
    const end = assert.rejects(run(hang, controller.signal), /has not been deleted/);
    await world.clock.advance(0);
    controller.abort(new Error('interrupted'));
    await end;
    assert.equal(await isThere(), true);
  });
});
