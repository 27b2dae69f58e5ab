/**
 * What launchers are put through with a cloud in memory, whatever its driver: nodes live and die
 * though calls go wrong, and requests wait while the cloud is full.
 */
import assert from 'node:assert/strict';
import type { CloudFault, SteeredCloud } from './cloud-site.ts';
import { eventually } from './eventually.ts';
import type { Scene } from './launcher-scene.ts';
import type { ZnodeRecord } from './zuul-side.ts';

/** A node from its request to its end. `whileReady` looks at it in between. */
export async function liveNode(
  { zuul }: Scene,
  label: string,
  whileReady: (node: ZnodeRecord) => void,
): Promise<void> {
  const { id, nodes } = await zuul.ask([label]);
  const [node = ''] = nodes;
  whileReady((await zuul.node(node)) ?? {});
  await (await zuul.use(id, nodes)).giveBack();
  await zuul.untilGone(nodes);
}

/** Lets one thing after the other go wrong in the life of a node of its own. */
export async function liveThrough(
  cloud: SteeredCloud,
  faults: readonly CloudFault[],
  live: () => Promise<void>,
): Promise<void> {
  for (const fault of faults) {
    cloud.arm(fault);
    try {
      await live();
    } catch (error) {
      if (error instanceof Error) error.message += ` (while ${JSON.stringify(fault)})`;
      throw error;
    }
    assert.equal(cloud.armed, 0, `was not struck: ${JSON.stringify(fault)}`);
  }
}

/** The one that is refused, one at a quota that is just changing, and the one that is served. */
const MOST_CALLS = 3;

export interface FullCloud {
  readonly cloud: { readonly calls: readonly string[] };
  readonly label: string;
  /** Takes the room that the launcher takes for free. */
  readonly fill: () => unknown;
  /** The call that is refused. */
  readonly refused: string;
  /** Of the refusal, in the log. */
  readonly words: RegExp;
}

/**
 * The launcher has asked for the quota before the cloud was filled up, so it learns of that by a
 * refusal only. The request waits, and is served when a node of ours makes room.
 */
export async function waitForRoom({ zuul, own }: Scene, full: FullCloud): Promise<void> {
  const { cloud, label, fill, refused, words } = full;
  const first = await zuul.ask([label]);
  const using = await zuul.use(first.id, first.nodes);
  fill();
  const count = (): number => cloud.calls.filter((call) => call === refused).length;
  const before = count();
  const id = await zuul.submit([label]);
  await eventually(() => own.lines.some((line) => line.includes('the cloud has no quota left')));
  assert.ok(count() > before, 'it was refused, not just taken to be');
  await zuul.untilState(id, 'pending');
  await using.giveBack();
  await zuul.untilState(id, 'fulfilled');
  // What the cloud has said once is not asked again until its quota says otherwise.
  assert.ok(count() - before <= MOST_CALLS, `${count() - before} times ${refused}`);
  assert.match(own.lines.join('\n'), words);
  assert.ok(!own.lines.some((line) => line.includes('launch failed')), 'no attempt is counted');
}
