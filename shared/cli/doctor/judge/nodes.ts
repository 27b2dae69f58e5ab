/** Nodes that are stuck, or that nobody cares for. Pure. */
import type { Config } from '../../../../schemas/config/model.ts';
import { DELETABLE_STATES } from '../../../../schemas/records/node.ts';
import { sayDuration } from '../../../base/words.ts';
import { sayCount } from '../../explain/words.ts';
import { groupBy } from '../../group.ts';
import type { NodeView } from '../../../web/source.ts';
import type { Finding, Severity } from '../model.ts';
import type { Member } from '../records.ts';
import { sayFew } from '../words.ts';

/** Until a deletion that goes on is worth a word, and until it is none any more. */
const DELETING_WARN = 600;
const DELETING_PROBLEM = 3600;
/** Beside what the provider's own timeouts allow. */
const LAUNCH_MARGIN = 600;
const LAUNCH_UNKNOWN = 7200;

export interface NodeFacts {
  readonly nodes: readonly NodeView[];
  readonly members: readonly Member[];
  readonly config: Pick<Config, 'providers'>;
  /** Seconds since 1970. */
  readonly now: number;
}

export function judgeNodes(facts: NodeFacts): Finding[] {
  const { members, nodes } = facts;
  const pools = members.filter(({ kind }) => kind === 'pool');
  const run = new Set(pools.map(({ record }) => record.provider_name));
  // Without any pool nobody is cared for, and another check says so.
  const isOrphan = ({ record }: NodeView): boolean =>
    pools.length > 0 && record.provider !== null && !run.has(record.provider);
  const orphans = nodes.filter(isOrphan);
  const others = nodes.filter((node) => !isOrphan(node));
  const offers = groupBy(
    pools,
    ({ record }) => `${record.provider_name ?? ''}\0${record.name ?? ''}`,
  );
  const isUseless = ({ record, isLocked }: NodeView): boolean => {
    const { state, allocated_to, provider, pool, type } = record;
    if (state !== 'ready' || allocated_to !== null || isLocked || pools.length === 0) return false;
    const own = offers.get(`${provider ?? ''}\0${pool ?? ''}`) ?? [];
    return !own.some((one) => type.some((label) => one.record.supported_labels?.includes(label)));
  };
  return [
    ...grouped(orphans, (all, provider) => orphaned(all, provider, facts)),
    ...grouped(others.filter(isUseless), useless),
    ...grouped(
      others.filter((one) => isStuckLaunch(one, facts)),
      (all, provider) => stuck(all, provider, 'being launched', facts.now),
    ),
    ...grouped(
      others.filter((one) => isStuckDeletion(one, facts)),
      (all, provider) => stuck(all, provider, 'being deleted', facts.now),
    ),
  ];
}

function grouped(
  nodes: readonly NodeView[],
  judge: (nodes: readonly NodeView[], provider: string) => Finding,
): Finding[] {
  const groups = groupBy(nodes, ({ record }) => record.provider ?? 'of no provider');
  return [...groups].map(([provider, all]) => judge(all, provider));
}

function orphaned(nodes: readonly NodeView[], provider: string, { config }: NodeFacts): Finding {
  const remedy = config.providers.has(provider)
    ? 'see why its provider does not run: its launcher deletes them, or hands them out, when it does'
    : 'put the provider back until they are gone, or erase its records (nodepool erase) and delete its machines by hand';
  const seen = `${sayCount(nodes.length, 'node')} that no launcher cares for: nobody runs the provider`;
  const object = `provider ${provider}: ${sayFew(nodes.map(({ id }) => id))}`;
  return { severity: 'problem', code: 'nodes-orphaned', object, seen, remedy };
}

/** Their pool has left the configuration, or their label the pool. */
function useless(nodes: readonly NodeView[], provider: string): Finding {
  const ids = nodes.map(({ id }) => id);
  return {
    ...{
      severity: 'warning',
      code: 'nodes-useless',
      object: `provider ${provider}: ${sayFew(ids)}`,
    },
    seen: `${sayCount(ids.length, 'ready node')} that no pool hands out, which count as stock for min-ready all the same`,
    remedy: 'nodepool delete them, unless the label has a max-ready-age that does',
  };
}

function stuck(nodes: readonly NodeView[], provider: string, what: string, now: number): Finding {
  const oldest = Math.max(...nodes.map(({ record }) => now - record.state_time));
  const isDeletion = what === 'being deleted';
  const severity: Severity = isDeletion && oldest >= DELETING_PROBLEM ? 'problem' : 'warning';
  return {
    ...{ severity, code: isDeletion ? 'nodes-not-deleted' : 'nodes-not-launched' },
    object: `provider ${provider}: ${sayFew(nodes.map(({ id }) => id))}`,
    seen: `${sayCount(nodes.length, 'node')} ${what} for up to ${sayDuration(oldest)}`,
    remedy: isDeletion
      ? 'the launcher tries for ever and logs why it fails ("node not deleted yet"); look at the machines in the cloud'
      : 'look into the launcher’s log for the node: the cloud hangs, or the launcher does',
  };
}

function isStuckLaunch({ record, isLocked }: NodeView, { config, now }: NodeFacts): boolean {
  const { state, state_time, created_time, provider } = record;
  if (!isLocked || (state !== 'building' && state !== 'init' && state !== 'testing')) return false;
  const found = config.providers.get(provider ?? '');
  const limit =
    found === undefined
      ? LAUNCH_UNKNOWN
      : found.launchRetries * (found.launchTimeoutSeconds + found.bootTimeoutSeconds) +
        LAUNCH_MARGIN;
  return now - (created_time ?? state_time) > limit;
}

/** Deletable in state and free to be deleted, or being deleted by somebody. */
function isStuckDeletion({ record, isLocked }: NodeView, { now }: NodeFacts): boolean {
  const isMarked = DELETABLE_STATES.has(record.state);
  const isUsed = record.state === 'building' || record.state === 'in-use';
  if (!isMarked || (isUsed && isLocked)) return false;
  return now - record.state_time > DELETING_WARN;
}
