/** A daemon's connection to ZooKeeper, as the configuration describes it. */
import type { Config } from '../../schemas/config/model.ts';
import { ConfigError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { connectString } from '../config/zookeeper.ts';
import { ZooKeeperClient } from '../zookeeper/client.ts';

/** Not started yet. */
export function clientFor(config: Config, log: Logger): ZooKeeperClient {
  const { tls, timeoutSeconds } = config.zookeeper;
  const { verifyHostname } = config.extensions.zookeeper;
  return new ZooKeeperClient({
    connectString: hostsOf(config),
    sessionTimeoutMs: timeoutSeconds * 1000,
    tls: tls && { ...tls, verifyHostname },
    log: log.named('nodepool.zk.ZooKeeperClient'),
  });
}

/** @throws ConfigError NP_CONFIG_INVALID where no server is named. */
export function hostsOf(config: Config): string {
  const { servers } = config.zookeeper;
  if (servers.length === 0) {
    throw new ConfigError('NP_CONFIG_INVALID', 'zookeeper-servers names no server', {
      hint: 'name at least one server in the configuration or in the secure file',
    });
  }
  return connectString(servers);
}
