/** Nodes that have been ready or held for too long. Pure. */
import type { Config } from '../../../schemas/config/model.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';

/** Why a node is too old, or undefined. */
export function tooOld(
  record: NodeRecord,
  config: Pick<Config, 'labels' | 'providers' | 'maxHoldAgeSeconds'>,
  nowSeconds: number,
): string | undefined {
  const age = nowSeconds - record.state_time;
  if (record.state === 'ready' && record.allocated_to === null) {
    if (record.provider === null || !config.providers.has(record.provider)) return undefined;
    const limits = record.type.flatMap(
      (label) => config.labels.get(label)?.maxReadyAgeSeconds ?? [],
    );
    const limit = Math.min(...limits.filter((one) => one > 0));
    return age >= limit ? `ready for ${Math.round(age)} s, max-ready-age is ${limit} s` : undefined;
  }
  if (record.state === 'hold') {
    const own = record.hold_expiration ?? 0;
    const limit = Math.min(own > 0 ? own : Infinity, config.maxHoldAgeSeconds);
    return age >= limit ? `held for ${Math.round(age)} s, the limit is ${limit} s` : undefined;
  }
  return undefined;
}
