import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { DriverEnv } from '../driver.ts';
import type { Session } from './client/session.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly session: Session;
}
