/** The cloud is asked while the node's lock is on its way: what becomes of it where the lock fails. */
import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Context } from '../../../../launcher/context.ts';
import type { AttemptJob } from '../../../../launcher/launch/attempt.ts';
import { whileTaking, type FirstAttempt } from '../../../../launcher/launch/while-taking.ts';
import type { ProviderRuntime } from '../../../../launcher/providers/provider-runtime.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { DeleteTarget } from '../../../../shared/drivers/driver.ts';
import type { OwnedNode } from '../../../../shared/store/nodes.ts';

type Parts = Pick<AttemptJob, 'owned' | 'onCreated' | 'signal'>;

class Scene {
  readonly deleted: DeleteTarget[] = [];
  readonly work: Promise<unknown>[] = [];
  /** Of the lock. */
  readonly lock = new AbortController();
  readonly stop = new AbortController();
  /** Calls of the provider that have not ended. */
  running = 0;
  take: (node: OwnedNode) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  end: () => void = () => undefined;
  parts: Parts | undefined;
  deletion: () => Promise<void> = () => Promise.resolve();

  begin(): Promise<FirstAttempt> {
    const provider = {
      log: silentLogger,
      begin: () => {
        this.running++;
        return () => this.running--;
      },
      connection: {
        delete: (target: DeleteTarget) => {
          this.deleted.push(target);
          return this.deletion();
        },
      },
    } as unknown as ProviderRuntime;
    const context = {
      clock: new ManualClock(),
      supervise: (_: string, work: Promise<void>) => this.work.push(work),
    } as unknown as Context;
    const owned = new Promise<OwnedNode>((resolve, reject) => {
      this.take = resolve;
      this.fail = reject;
    });
    const taking = { provider, nodeId: '0000000007', owned, signal: this.stop.signal };
    return whileTaking(context, taking, (parts) => {
      this.parts = parts;
      return new Promise((resolve, reject) => {
        this.end = resolve;
        parts.signal.addEventListener('abort', () => {
          reject(parts.signal.reason as Error);
        });
      });
    });
  }

  node(): OwnedNode {
    return { id: '0000000007', signal: this.lock.signal } as unknown as OwnedNode;
  }
}

describe('a launch whose lock is on its way', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('has asked the cloud before the lock is there, and goes on with it', async () => {
    const begun = scene.begin();
    assert.ok(scene.parts);
    scene.parts.onCreated?.('machine', undefined);
    const node = scene.node();
    scene.take(node);
    const { node: taken, first } = await begun;
    assert.equal(taken, node);
    scene.end();
    await first;
    assert.deepEqual(scene.deleted, []);
  });

  it('deletes what was made where the lock is not to be had, and what is made later', async () => {
    scene.deletion = () => Promise.reject(new Error('the cloud fails, too'));
    const begun = scene.begin();
    scene.parts?.onCreated?.('early', { zone: 1 });
    scene.parts?.onCreated?.('early', { zone: 2 });
    scene.fail(new Error('taken by another'));
    await assert.rejects(begun, /taken by another/);
    assert.equal(scene.parts?.signal.aborted, true);
    scene.parts.onCreated?.('late', undefined);
    await Promise.all(scene.work);
    const nodeId = '0000000007';
    assert.deepEqual(scene.deleted, [
      { externalId: 'early', nodeId, driverData: { zone: 2 } },
      { externalId: 'late', nodeId, driverData: undefined },
    ]);
    assert.equal(scene.running, 0);
  });

  it('leaves what was made to the next owner where the lock is lost later', async () => {
    const begun = scene.begin();
    scene.parts?.onCreated?.('machine', undefined);
    scene.take(scene.node());
    const { first } = await begun;
    scene.lock.abort(new Error('lost'));
    await assert.rejects(first, /lost/);
    scene.parts?.onCreated?.('more', undefined);
    assert.deepEqual(scene.deleted, []);
  });

  it('is broken off when the process stops', async () => {
    const begun = scene.begin();
    scene.stop.abort(new Error('the launcher stops'));
    scene.take(scene.node());
    const { first } = await begun;
    await assert.rejects(first, /the launcher stops/);
  });
});
