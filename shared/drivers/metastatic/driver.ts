/**
 * The `metastatic` driver: divides nodes that other providers make into slots.
 */
import { InvariantError } from '../../base/errors.ts';
import type { Driver } from '../driver.ts';
import { MetastaticProvider } from './provider.ts';

/** The driver that the registry hands out. */
export const driver: Driver = {
  name: 'metastatic',
  connect: async (config, env, signal) => {
    if (!env.borrowing) throw new InvariantError('metastatic needs a launcher around it');
    await env.borrowing.settled(signal);
    return new MetastaticProvider(config, env, env.borrowing);
  },
};
