/**
 * The configuration, and a ZooKeeper session for the length of one command.
 */
import type { Config } from '../../schemas/config/model.ts';
import { loadConfig } from '../config/load.ts';
import { connectString } from '../config/zookeeper.ts';
import { ConfigError, ZooKeeperError } from '../base/errors.ts';
import { withDeadline } from '../base/wait.ts';
import { ZooKeeperClient } from '../zookeeper/client.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import type { Context } from './command.ts';

/** Long enough for an ensemble that elects a leader; a script should not hang for ever. */
const CONNECT_DEADLINE_MS = 60_000;
/** Somebody at the terminal wants to know what is waited for. */
const NOTICE_MS = 10_000;

export async function configOf(context: Context): Promise<Config> {
  const { configPath, securePath, environment } = context;
  const { config } = await loadConfig({ path: configPath, securePath, environment });
  return config;
}

export async function withZooKeeper<T>(
  context: Context,
  work: (client: ZooKeeper) => Promise<T>,
): Promise<T> {
  return withZooKeeperOf(await configOf(context), context, work);
}

/** For commands that look into the configuration first. */
export async function withZooKeeperOf<T>(
  config: Config,
  context: Context,
  work: (client: ZooKeeper) => Promise<T>,
): Promise<T> {
  const { configPath, clock, log, signal } = context;
  const { servers, tls, timeoutSeconds } = config.zookeeper;
  if (servers.length === 0)
    throw new ConfigError('NP_CONFIG_INVALID', `${configPath}: zookeeper-servers is missing`);
  const hosts = connectString(servers);
  const client = new ZooKeeperClient({
    connectString: hosts,
    sessionTimeoutMs: timeoutSeconds * 1000,
    tls: tls && { ...tls, verifyHostname: config.extensions.zookeeper.verifyHostname },
    clock,
    log: log.named('nodepool.zk.ZooKeeperClient'),
  });
  const cancelNotice = clock.after(NOTICE_MS, () => {
    context.warn(`still waiting for ZooKeeper at ${hosts}`);
  });
  const error = (): Error =>
    new ZooKeeperError('ZK_CONNECTION_LOSS', `no connection to ZooKeeper at ${hosts}`);
  try {
    const deadline = { clock, ms: CONNECT_DEADLINE_MS, signal, error };
    await withDeadline(deadline, (starting) => client.start(starting));
    cancelNotice();
    return await work(client);
  } finally {
    cancelNotice();
    await client.close();
  }
}
