/** The account's limits, by the service Service Quotas. */
import type { ServiceQuotas } from '@aws-sdk/client-service-quotas';

import type { Service } from './service.ts';

export class Limits {
  readonly #quotas: Service<ServiceQuotas>;

  constructor(quotas: Service<ServiceQuotas>) {
    this.#quotas = quotas;
  }

  /** By quota code, in the units of Service Quotas. */
  async quotas(service: 'ec2' | 'ebs', signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const request = { ServiceCode: service, MaxResults: 100 };
    const quotas = await this.#quotas.readAll(
      'ListServiceQuotas',
      (client, page, options) => client.listServiceQuotas({ ...request, ...page }, options),
      ({ Quotas }) => Quotas,
      signal,
    );
    const limits = new Map<string, number>();
    for (const { QuotaCode, Value } of quotas)
      if (QuotaCode !== undefined && Value !== undefined) limits.set(QuotaCode, Value);
    return limits;
  }
}
