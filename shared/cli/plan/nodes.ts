/**
 * What becomes of nodes whose provider, pool or label goes, and which ones would be too old. Pure.
 *
 * The truth of it, from launcher/nodes, launcher/upkeep and launcher/pools: a node is deleted by a
 * launcher that runs its provider, and handed out by a pool that has its label. So
 * - without its provider it is neither handed out nor ever deleted: not its machine, not its record;
 *   but nodes on borrowed ones (metastatic) are removed once none is in use, and backing nodes given back;
 * - without its pool, or its label there, a ready node is handed out by nobody, still counts as stock
 *   for `min-ready`, and goes only by `max-ready-age`; one in use is deleted after its use as ever.
 */
import type { Config } from '../../../schemas/config/model.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { tooOld } from '../../rules/nodes/too-old.ts';
import type { NodeView } from '../../web/source.ts';
import { sayCount } from '../explain/words.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';

/** What a node is at, as far as it matters for its end. */
type Stage = 'free' | 'in use' | 'being made' | 'being deleted';

interface Fate {
  readonly code: string;
  /** Provider, pool or label that goes. */
  readonly subject: string;
  readonly text: string;
  readonly isLoss: boolean;
}

export function nodeChanges(before: Config, after: Config, snapshot: Snapshot): Change[] {
  const groups = new Map<string, { fate: Fate; nodes: NodeView[] }>();
  for (const node of snapshot.nodes) {
    const fate = fateOf(node, before, after) ?? ageOf(node, before, after, snapshot.now);
    if (fate === undefined) continue;
    const key = [fate.code, fate.subject, fate.text].join('\0');
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else groups.set(key, { fate, nodes: [node] });
  }
  const findings = [...groups.values()].map(({ fate, nodes }): Finding => ({
    ...{ mark: '-', code: fate.code, subject: fate.subject, is_loss: fate.isLoss },
    text: `${sayCount(nodes.length, 'node')} ${fate.text}`,
    ids: nodes.map(({ id }) => id),
  }));
  return changesOf('nodes', findings);
}

function fateOf({ record }: NodeView, before: Config, after: Config): Fate | undefined {
  const { provider: name, pool: poolName } = record;
  const old = name === null ? undefined : before.providers.get(name);
  if (name === null || old === undefined) return undefined;
  const now = after.providers.get(name);
  if (now === undefined) return withoutProvider(record, name, old.driver);
  // Hosts of a static provider have a part of their own.
  if (now.driver === 'static' || stageOf(record) !== 'free') return undefined;
  const place = `${name}-${poolName ?? ''}`;
  const oldPool = old.pools.find((pool) => pool.name === poolName);
  const pool = now.pools.find((one) => one.name === poolName);
  const offers = (one: typeof pool): boolean =>
    one !== undefined && record.type.some((label) => one.labels.has(label));
  if (!offers(oldPool) || offers(pool)) return undefined;
  const gone = pool === undefined ? 'pool' : 'label';
  const labels = record.type.join(', ');
  return {
    code: `${gone}-orphan`,
    subject: gone === 'pool' ? place : `${labels} in ${place}`,
    ...endOfReady(record, after),
  };
}

function withoutProvider(record: NodeRecord, subject: string, driver: string): Fate | undefined {
  const code = 'provider-orphan';
  if (record.state === 'deleted') return undefined;
  if (driver === 'static') {
    const text = `in state ${record.state} stay as records that nobody hands out or removes; their hosts are not touched`;
    return { code, subject, text, isLoss: true };
  }
  const stage = stageOf(record);
  if (driver === 'metastatic') {
    const text = `${stage}: ${stage === 'in use' ? 'work on to their end; then they' : 'they'} are removed, and the nodes below them given back, once none of the provider is in use`;
    return { code, subject, text, isLoss: false };
  }
  return { code, subject, text: `${stage}: ${ENDS[stage]}`, isLoss: true };
}

const LEFT = 'stay in the cloud and in ZooKeeper until a launcher has the provider again';

const ENDS: Readonly<Record<Stage, string>> = {
  free: `nobody hands them out or deletes them; they ${LEFT}`,
  'in use': `work on to their end; then nobody deletes them, and they ${LEFT}`,
  'being made': `what is launching is finished; then nobody deletes them, and they ${LEFT}`,
  'being deleted': `deletions that have not begun are not made; these ${LEFT}`,
};

function stageOf({ state, allocated_to }: NodeRecord): Stage {
  if (state === 'ready') return allocated_to === null ? 'free' : 'in use';
  if (state === 'in-use' || state === 'hold') return 'in use';
  return state === 'init' || state === 'building' || state === 'testing'
    ? 'being made'
    : 'being deleted';
}

/** Of a ready node that no pool hands out. */
function endOfReady({ type }: NodeRecord, { labels }: Config): Pick<Fate, 'text' | 'isLoss'> {
  const ages = type.map((label) => labels.get(label)?.maxReadyAgeSeconds ?? 0);
  const limits = ages.filter((age) => age > 0);
  if (limits.length > 0) {
    const text = `ready: nobody hands them out; deleted by max-ready-age (${Math.min(...limits)} s)`;
    return { text, isLoss: false };
  }
  const stock = type.some((label) => (labels.get(label)?.minReady ?? 0) > 0);
  const counted = stock ? ', and they still count as stock for min-ready' : '';
  return {
    text: `ready: nobody hands them out or deletes them, without a max-ready-age${counted}: delete them (nodepool delete)`,
    isLoss: true,
  };
}

/** What a smaller `max-ready-age` or `max-hold-age` ends at once. */
function ageOf(
  node: NodeView,
  before: Config,
  after: Config,
  nowSeconds: number,
): Fate | undefined {
  const { record } = node;
  if (node.isLocked || tooOld(record, before, nowSeconds) !== undefined) return undefined;
  if (tooOld(record, after, nowSeconds) === undefined) return undefined;
  const isHeld = record.state === 'hold';
  const subject = isHeld ? 'max-hold-age' : record.type.join(', ');
  const text = isHeld
    ? 'on hold for longer than that: deleted'
    : 'ready for longer than max-ready-age: deleted';
  return { code: isHeld ? 'held-too-long' : 'too-old', subject, text, isLoss: isHeld };
}
