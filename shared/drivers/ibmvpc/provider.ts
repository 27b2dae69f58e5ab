/** A provider of a VPC: what the launcher asks for, by the parts that do it (parts.ts). */
import { InvariantError } from '../../base/errors.ts';
import type { Provider } from '../driver.ts';
import type { PartsOptions } from './parts.ts';

export const IbmVpcProvider = {
  open({ config }: PartsOptions): Promise<Provider> {
    return Promise.reject(new InvariantError(`provider ${config.name}: not built yet`));
  },
};
