/** What checks find, for tests of their judgement. */
import type { ComponentKind, ComponentRecord } from '../../../../schemas/records/component.ts';
import type { Finding } from '../../../../shared/cli/doctor/model.ts';
import type { Member } from '../../../../shared/cli/doctor/records.ts';

/** `problem certificate-expired`: severity and code of each. */
export function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

export function member(
  kind: ComponentKind,
  record: Partial<ComponentRecord> = {},
  fields: Partial<Omit<Member, 'kind' | 'record'>> = {},
): Member {
  const all = {
    ...{ hostname: 'host', kind, state: 'running', version: '1.0.0', model_api: 0 },
    ...record,
  };
  return { kind, record: all, session: 1n, isPython: false, ...fields };
}

export function pool(provider: string, labels: string[], hostname = 'host'): Member {
  return member('pool', {
    ...{ hostname, id: `${hostname}-${provider}`, name: 'main' },
    ...{ provider_name: provider, supported_labels: labels },
  });
}
