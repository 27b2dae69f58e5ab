/**
 * Backing nodes change hands between Python Nodepool's launcher and ours, in both directions, while
 * slots of them are in use: each goes on with the records, locks and slots that the other left.
 */
import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../support/launcher-in-process.ts';
import { config, fakeProvider } from '../support/launcher-scene.ts';
import {
  backingData,
  lockHolders,
  metastaticProvider,
  OWNER,
  slotNode,
  type SlotNode,
} from '../support/metastatic-scene.ts';
import { peersOrSkip } from '../support/peers.ts';
import { PythonScene, START_MS } from '../support/python-scene.ts';
import type { InUse, ZuulSide } from '../support/zuul-side.ts';

const SLOTS = config({ providers: [metastaticProvider()] });

interface User extends SlotNode {
  readonly use: InUse;
}

describe('backing nodes of a metastatic provider', function () {
  this.timeout(150_000);
  let scene: PythonScene;
  let zuul: ZuulSide;
  let cloud: InProcessLauncher;
  let running: { stop(graceMs?: number): Promise<unknown> } | undefined;

  before(async function () {
    scene = await PythonScene.open(await peersOrSkip(this));
    ({ zuul } = scene);
    cloud = await launchInProcess({
      connectString: scene.zookeeper.plainHosts,
      config: config({ providers: [fakeProvider({ labels: ['host'] })] }),
      hostname: 'cloud-host',
    });
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (cloud as InProcessLauncher | undefined)?.stop();
    await (scene as PythonScene | undefined)?.close();
  });

  async function startOurs(): Promise<void> {
    const connectString = scene.zookeeper.plainHosts;
    running = await launchInProcess({ connectString, config: SLOTS, hostname: 'ours' });
    await scene.untilPools(2);
  }

  async function startPython(): Promise<void> {
    const python = await scene.startPython(SLOTS);
    running = python;
    await scene.untilPools(2, () => python.tail());
  }

  /** Stops the launcher that has the slots, in order; what is in use stays so. */
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
    await scene.untilPools(1);
  }

  async function useSlot(): Promise<User> {
    const id = await zuul.submit(['slot']);
    const { nodes } = await zuul.untilState(id, 'fulfilled', START_MS);
    const use = await zuul.use(id, nodes as string[]);
    return { use, ...(await slotNode(zuul, (nodes as string[])[0] ?? '')) };
  }

  async function giveBackAll(users: readonly User[]): Promise<void> {
    await Promise.all(users.map(({ use }) => use.giveBack()));
    await eventually(async () => {
      assert.deepEqual(await zuul.nodeIds(), []);
    }, START_MS);
  }

  for (const [direction, first, second] of [
    ['from Python to ours', startPython, startOurs],
    ['from ours to Python', startOurs, startPython],
  ] as const)
    it(`change hands ${direction}`, async () => {
      await first();
      const before = await useSlot();
      const backing = await zuul.node(before.backing);
      assert.ok(backing);
      await stop();
      assert.deepEqual(await lockHolders(zuul, before.backing), [OWNER]);
      await second();
      const after = [await useSlot(), await useSlot()];
      const slots = [before, ...after].map(({ slot }) => slot);
      assert.deepEqual(new Set([before, ...after].map((user) => user.backing)).size, 1);
      assert.deepEqual(slots.toSorted(), [0, 1, 2]);
      // The record of the backing node has not changed in between, but for its version.
      assert.deepEqual(await zuul.node(before.backing), backing);
      const other = await useSlot();
      assert.notEqual(other.backing, before.backing);
      await sameForm(before, other);
      await giveBackAll([before, ...after, other]);
      await stop();
    });

  /** Both kinds write the same fields with the same kinds of values. */
  async function sameForm(a: SlotNode, b: SlotNode): Promise<void> {
    assert.deepEqual(formOf(ofSlot(a)), formOf(ofSlot(b)));
    const [one, two] = [await zuul.node(a.backing), await zuul.node(b.backing)];
    assert.ok(one && two);
    assert.deepEqual(formOf(one), formOf(two));
    assert.deepEqual(formOf(backingData(one)), formOf(backingData(two)));
    assert.deepEqual(await lockHolders(zuul, b.backing), [OWNER]);
  }
});

/** Its image is nobody's: the original writes the word `unused`, ours nothing. */
function ofSlot({ record }: SlotNode): Record<string, unknown> {
  return { ...record, image_id: null };
}

/** Keys with the types of their values, in depth. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]): [string, unknown] => [key, formOf(one)])
      .sort(([one], [two]) => (one < two ? -1 : 1)),
  );
}
