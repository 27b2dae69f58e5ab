/**
 * One provider's driver in the process of a command, for the length of one piece of work.
 */
import type { Config, ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError, messageOf } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import type { Borrowing, DriverEnv, Provider } from '../../drivers/driver.ts';
import { loadDriver } from '../../drivers/registry.ts';
import type { Context } from '../command.ts';

/** Less than a launcher gives it: somebody waits. */
const START_DEADLINE_MS = 120_000;
/** For what a driver still does in the background. */
const CLOSE_DEADLINE_MS = 10_000;

/** @throws NodepoolError NP_PROVIDER_START: the driver cannot start; what `work` throws. */
export async function withProvider<T>(
  provider: ProviderConfig,
  config: Config,
  context: Context,
  work: (connection: Provider) => Promise<T>,
): Promise<T> {
  const connection = await open(provider, config, context);
  try {
    return await work(connection);
  } finally {
    await close(provider.name, connection, context);
  }
}

async function open(provider: ProviderConfig, config: Config, context: Context): Promise<Provider> {
  const { clock, signal } = context;
  const seconds = START_DEADLINE_MS / 1000;
  const error = (): Error =>
    new CloudError('NP_PROVIDER_START', `it did not start within ${seconds} s`);
  try {
    const driver = await loadDriver(provider);
    const env = driverEnv(provider, config, context);
    return await withDeadline({ clock, ms: START_DEADLINE_MS, signal, error }, (inner) =>
      driver.connect(provider, env, inner),
    );
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new CloudError('NP_PROVIDER_START', `provider ${provider.name} cannot start`, {
      cause,
      hint: `look at its section, ${provider.place}, and at its credentials`,
    });
  }
}

function driverEnv(provider: ProviderConfig, config: Config, context: Context): DriverEnv {
  const { clock, log, environment } = context;
  const { drivers, intervals } = config.extensions;
  return {
    ...{ clock, environment, random: Math.random, borrowing: NOTHING_BORROWED },
    log: log.named(`nodepool.driver.${provider.driver}`),
    extension: drivers[provider.driver],
    pollSeconds: intervals.cloudPollSeconds,
    imageCheckSeconds: intervals.imageCheckSeconds,
  };
}

async function close(name: string, connection: Provider, context: Context): Promise<void> {
  const { clock } = context;
  const error = (): Error => new Error('it did not end in time');
  const { signal } = new AbortController();
  try {
    await withDeadline({ clock, ms: CLOSE_DEADLINE_MS, signal, error }, () => connection.close());
  } catch (cause) {
    context.warn(`nodepool: provider ${name} has not been closed: ${messageOf(cause)}`);
  }
}

/**
 * A command launches nothing and keeps nothing; launchers see to what is borrowed, and notice by
 * themselves that a node is gone.
 */
const NOTHING_BORROWED: Borrowing = {
  borrowed: () => [],
  get: () => undefined,
  launched: () => [],
  isOffered: () => false,
  onChange: () => () => undefined,
  settled: () => Promise.resolve(),
  borrow: () => {
    throw notHere();
  },
  update: () => Promise.reject(notHere()),
  giveBack: () => Promise.reject(notHere()),
  discard: () => Promise.reject(notHere()),
};

function notHere(): Error {
  return new CloudError('NP_CLOUD_FATAL', 'a command borrows no nodes');
}
