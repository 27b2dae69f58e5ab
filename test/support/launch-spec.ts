/** What a launcher would ask a driver for. */
import type { ProviderConfig } from '../../schemas/config/model.ts';
import { silentLogger } from '../../shared/base/log.ts';
import type { ExternalId, LaunchSpec } from '../../shared/drivers/driver.ts';
import { labelOf } from './provider-config.ts';

export interface RecordedSpec extends LaunchSpec {
  /** The ids that the driver has reported, in order. */
  readonly reported: ExternalId[];
}

export function launchSpec(
  config: ProviderConfig,
  labelName: string,
  overrides: Partial<LaunchSpec> = {},
): RecordedSpec {
  const reported: ExternalId[] = [];
  const nodeId = overrides.nodeId ?? '0000000001';
  const { pool, label } = labelOf(config, labelName);
  return {
    nodeId,
    hostname: `np${nodeId}`,
    attempt: 1,
    pool,
    label,
    imageExternalId: undefined,
    metadata: {
      nodepool_node_id: nodeId,
      nodepool_pool_name: pool.name,
      nodepool_provider_name: config.name,
    },
    availabilityZone: undefined,
    request: {
      id: '200-0000000001',
      labels: [labelName],
      requestor: 'test',
      requestorData: null,
      relativePriority: 0,
      eventId: null,
      createdTime: null,
      tenantName: null,
    },
    log: silentLogger,
    created: (externalId) => {
      reported.push(externalId);
      return Promise.resolve();
    },
    ...overrides,
    reported,
  };
}
