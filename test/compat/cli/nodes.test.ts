/**
 * Commands for nodes and providers, by Python Nodepool and by us, each on the same contents: what they
 * print, their exit codes, and what stands in ZooKeeper afterwards. Skipped where there is no Python
 * Nodepool.
 */
import assert from 'node:assert/strict';
import { putImages, still } from '../../support/cli-images.ts';
import { NODE_IDS, nodeLocks, putNodes } from '../../support/cli-nodes.ts';
import { CliSite, type Output } from '../../support/cli-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'a hold of a ready node': ['hold', NODE_IDS.ready],
  'a hold of a node that is held, with a comment': ['hold', NODE_IDS.held],
  'a hold of a node that is being deleted': ['hold', NODE_IDS.deleting],
  'a hold of a node with an id of several parts': ['hold', NODE_IDS.otherProvider],
  'a hold of a node with credentials in it': ['hold', NODE_IDS.pods],
  'a hold of a node of old times': ['hold', NODE_IDS.old],
  'a hold of an unknown node': ['hold', '0000009999'],
  'a hold of an empty node': ['hold', NODE_IDS.empty],
  'a hold of a node with an odd id': ['hold', 'größer 日本'],
  'a hold of the lock of a node': ['hold', `${NODE_IDS.leftLock}/lock`],
  'a hold of no id': ['hold', ''],
  'a hold without an id': ['hold'],
  'a hold of a locked node': ['hold', NODE_IDS.lockedByZuul],
  'a deletion of a ready node': ['delete', NODE_IDS.ready],
  'a deletion of a held node': ['delete', NODE_IDS.held],
  'a deletion of an unknown node': ['delete', '0000009999'],
  'a deletion at once of an unknown node': ['delete', '--now', '0000009999'],
  'a deletion at once of an unknown provider': ['delete', '--now', NODE_IDS.otherProvider],
  'a deletion at once of a host': ['delete', NODE_IDS.host, '--now'],
  'the data of a provider': ['info', 'cloud-one'],
  'the data of another provider': ['info', 'cloud-two'],
  'the data of an unknown provider': ['info', 'größer'],
  'an erasure of another provider': ['erase', '--force', 'cloud-two'],
  'an erasure of an unknown provider': ['erase', 'unknown/cloud', '--force'],
};

/** Answers to the question before an erasure. */
const ANSWERS: Readonly<Record<string, string>> = {
  yes: 'Y\n',
  'more than yes': 'yes\n',
  'nothing at all': '',
};

interface Outcome extends Output {
  readonly tree: Record<string, unknown>;
  readonly locks: Record<string, readonly string[]>;
}

describe('commands for nodes, beside Python’s', () => {
  let peers: Peers;

  before(async function () {
    peers = await peersOrSkip(this);
  });

  async function assertSame(command: readonly string[], input = ''): Promise<void> {
    const [theirs, ours] = await Promise.all([
      runOn(input, (site) => site.theirs(peers, ...command)),
      runOn(input, (site) => site.ours(...command)),
    ]);
    assert.equal(ours.code, theirs.code, `${theirs.err}\n${ours.err}`);
    assert.equal(still(ours.out), still(theirs.out));
    assert.deepEqual(ours.tree, theirs.tree);
    assert.deepEqual(ours.locks, theirs.locks);
  }

  for (const [name, command] of Object.entries(COMMANDS))
    it(`do the same: ${name}`, () => assertSame(command));

  for (const [name, input] of Object.entries(ANSWERS))
    it(`do the same: an erasure with the answer ${name}`, () =>
      assertSame(['erase', 'cloud-one'], input));
});

async function runOn(input: string, run: (site: CliSite) => Promise<Output>): Promise<Outcome> {
  const site = await CliSite.make(CONFIG);
  try {
    await Promise.all([putNodes(site), putImages(site)]);
    site.input = input;
    const output = await run(site);
    return {
      ...output,
      tree: comparable({ ...(await site.tree('/nodepool/nodes')), ...(await site.tree()) }),
      locks: await nodeLocks(site),
    };
  } finally {
    await site.close();
  }
}

const CONFIG = {
  labels: [{ name: 'small' }],
  providers: [{ name: 'hosts', driver: 'static', pools: [] }],
};

/**
 * The time of a change of state is of the run: only whether it is one counts. What Zuul wrote beyond
 * what Python Nodepool knows is lost by the one and kept by the other.
 */
function comparable(tree: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([path, record]) => {
      const { state_time: time, ...rest } = record as Record<string, unknown>;
      if (typeof time !== 'number') return [path, record];
      delete rest.node_properties;
      return [path, { ...rest, state_time: time > Date.now() / 1000 - 86_400 }];
    }),
  );
}
