/** The parts of a provider, put together. */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Provider, DriverEnv, LeakCollector } from '../driver.ts';
import { InvariantError } from '../../base/errors.ts';
import type { Session } from './client/session.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly session: Session;
}

export interface Parts {
  readonly quotas: {
    instances: Provider['listInstances'];
    limits: Provider['quotaLimits'];
    need: Provider['quotaForLabel'];
  };
  readonly labelImages: { isReady: Provider['isLabelReady'] };
  readonly launches: { run: NonNullable<Provider['launch']> };
  readonly deletions: { run: Provider['delete'] };
  readonly leaks: LeakCollector;
  /** Ends all that runs. */
  close(): void;
}

export async function openParts({ session }: PartsOptions, signal: AbortSignal): Promise<Parts> {
  await session.services.regions.get(signal);
  const later = (): Promise<never> => Promise.reject(new InvariantError('not built yet'));
  return {
    quotas: { instances: later, limits: later, need: later },
    labelImages: { isReady: () => false },
    launches: { run: later },
    deletions: { run: later },
    leaks: { list: later, delete: later },
    close: () => undefined,
  };
}
