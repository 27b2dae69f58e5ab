/**
 * What the projects of a provider may use, and what pods use of it. Pure.
 *
 *   instances:           `pods`, `count/pods`
 *   cores:               `requests.cpu`, `cpu`
 *   ram (MiB):           `requests.memory`, `memory`
 *   ephemeral-storage:   `requests.ephemeral-storage`, `ephemeral-storage`; MB
 *   nvidia.com/gpu, ...: `requests.nvidia.com/gpu`, ...
 *
 * Several projects have the sum of what each may use, as far as all of them have a limit; what a project
 * has less of is found out by its refusals. Limits of limits (`limits.cpu`) are, too: a node's need says
 * what its pod asks for.
 *
 * Facts: kubernetes.io/docs/concepts/policy/resource-quotas.
 */
import type { Quota } from '../../../schemas/quota.ts';
import { sumQuota, tighterLimits } from '../../cloud/quota.ts';
import type { Pod, ResourceQuota } from '../pods/client/objects.ts';
import { parseQuantity } from '../pods/quantity.ts';

const MIB = 2 ** 20;
const MB = 1e6;

/** Our names, and how much of theirs is one of ours. */
const KINDS: Readonly<Record<string, { readonly name: string; readonly unit: number }>> = {
  pods: { name: 'instances', unit: 1 },
  'count/pods': { name: 'instances', unit: 1 },
  cpu: { name: 'cores', unit: 1 },
  memory: { name: 'ram', unit: MIB },
  'ephemeral-storage': { name: 'ephemeral-storage', unit: MB },
};

/** `quotas`: of each project. */
export function limitsOf(quotas: readonly (readonly ResourceQuota[])[]): Quota {
  const limits = quotas.map(projectLimits);
  const [first = {}, ...others] = limits;
  const names = Object.keys(first).filter((name) => others.every((other) => name in other));
  const sum = sumQuota(limits);
  return Object.fromEntries(names.map((name) => [name, sum[name] ?? 0]));
}

/** What a pod asks for of what is limited. */
export function podQuota({ spec }: Pod): Quota {
  const requests = (spec?.containers ?? []).map(({ resources }) =>
    amountsOf((resources?.requests ?? {}) as Readonly<Record<string, string>>),
  );
  return { ...sumQuota(requests), instances: 1 };
}

/** Whether it takes anything of a quota. */
export function isCounted({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** The tightest of all quotas of a project that are for every pod. */
function projectLimits(quotas: readonly ResourceQuota[]): Quota {
  let limits: Quota = {};
  for (const { spec } of quotas) {
    if ((spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined) continue;
    for (const [name, amount] of Object.entries(spec?.hard ?? {}))
      limits = tighterLimits(limits, amountsOf({ [name]: amount }));
  }
  return limits;
}

function amountsOf(amounts: Readonly<Record<string, string>>): Quota {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([name, text]) => {
      const bare = name.replace(/^requests\./, '');
      const amount = parseQuantity(text);
      const kind = KINDS[bare] ?? (bare.includes('/') ? { name: bare, unit: 1 } : undefined);
      return kind === undefined || amount === undefined
        ? []
        : [[kind.name, amount / kind.unit] as const];
    }),
  );
}
