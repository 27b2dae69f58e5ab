/** What a provider's cloud says: credentials, labels, quota, what was left behind. Pure. */
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { missingFrom, sumQuota } from '../../../cloud/quota.ts';
import type { Finding } from '../model.ts';
import { sayFew } from '../words.ts';

export interface CloudFacts {
  readonly provider: ProviderConfig;
  /** Of the cloud; `{}`: none known. */
  readonly limits: Quota;
  /** What all machines of the account take. */
  readonly used: Quota;
  readonly labels: readonly LabelFacts[];
  /** Ids by kind. */
  readonly leaks: ReadonlyMap<string, readonly string[]>;
  /** Steps of the looking that failed, with the reason. */
  readonly problems: readonly { readonly what: string; readonly reason: string }[];
}

export interface LabelFacts {
  readonly name: string;
  readonly place: string;
  /** What one node takes. */
  readonly need: Quota;
  /** Why the cloud refuses it. */
  readonly problem: string | undefined;
  /** Its cloud image can be used. */
  readonly hasImage: boolean;
}

const NEARLY = 0.9;

export function judgeCloud(facts: CloudFacts): Finding[] {
  return [
    ...facts.problems.map(({ what, reason }): Finding => ({
      ...{ severity: 'problem', code: 'cloud-fails', object: objectOf(facts) },
      seen: `${what}: ${reason}`,
      remedy: 'look at the cloud and at the rights of the account',
    })),
    ...facts.labels.flatMap((label) => judgeLabel(facts, label)),
    ...judgeQuota(facts),
    ...judgeLeaks(facts),
  ];
}

/** `reason`: why the driver cannot start. */
export function judgeStart({ name, place }: ProviderConfig, reason: string): Finding {
  return {
    ...{ severity: 'problem', code: 'provider-cannot-start', object: `provider ${name}` },
    seen: reason,
    remedy: `look at its credentials, its address and its section, ${place}: launchers take it for absent and try again`,
  };
}

function objectOf({ provider }: Pick<CloudFacts, 'provider'>): string {
  return `provider ${provider.name}`;
}

function judgeLabel(facts: CloudFacts, label: LabelFacts): Finding[] {
  const object = `label ${label.name} in ${objectOf(facts)}`;
  const remedy = `correct ${label.place}, or make it in the cloud`;
  if (label.problem !== undefined)
    return [{ severity: 'problem', code: 'label-refused', object, seen: label.problem, remedy }];
  if (!label.hasImage)
    return [
      {
        ...{ severity: 'problem', code: 'cloud-image-missing', object, remedy },
        seen: 'the cloud does not have its image: requests for it are declined',
      },
    ];
  const gaps = missingFrom(facts.limits, {}, label.need);
  return gaps.map((gap) => ({
    ...{ severity: 'problem', code: 'label-never-fits', object },
    seen: `one node needs ${gap.need} ${gap.name}, the cloud allows ${gap.left} in all`,
    remedy: 'raise the quota of the cloud, or take a smaller flavor',
  }));
}

function judgeQuota(facts: CloudFacts): Finding[] {
  const { provider, limits, used } = facts;
  const object = objectOf(facts);
  const pools = provider.pools.filter(({ ignoreProviderQuota }) => !ignoreProviderQuota);
  const allowed = sumQuota(pools.map(({ limits: own }) => own));
  return Object.entries(limits).flatMap(([name, limit]): Finding[] => {
    const taken = used[name] ?? 0;
    const wanted = pools.every((pool) => (pool.limits[name] ?? Infinity) < Infinity)
      ? (allowed[name] ?? 0)
      : 0;
    const findings: Finding[] = [];
    if (wanted > limit)
      findings.push({
        ...{ severity: 'warning', code: 'limits-over-quota', object },
        seen: `its pools may take ${wanted} ${name}, the cloud allows ${limit}`,
        remedy:
          'raise the quota of the cloud or lower the pools’ limits, so that they are kept for what they were set for',
      });
    if (limit > 0 && taken >= limit * NEARLY)
      findings.push({
        ...{ severity: 'warning', code: 'quota-nearly-used', object },
        seen: `${taken} of ${limit} ${name} of the cloud’s quota are used, by whomever`,
        remedy:
          'raise the quota if requests wait for it (nodepool explain); see what else the account holds',
      });
    return findings;
  });
}

function judgeLeaks(facts: CloudFacts): Finding[] {
  return [...facts.leaks]
    .filter(([, ids]) => ids.length > 0)
    .map(([kind, ids]) => ({
      ...{ severity: 'warning', code: 'leaked', object: objectOf(facts) },
      seen: `${kind} are left of nodes or uploads that are no more (${ids.length}): ${sayFew(ids)}`,
      remedy:
        'a launcher that runs the provider deletes them within a few minutes; if they stay, its log says why ("leaked resource not deleted yet")',
    }));
}
