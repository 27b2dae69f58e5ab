/** A daemon follows its configuration, and answers SIGHUP and SIGUSR2. */
import type { Config } from '../../schemas/config/model.ts';
import { systemClock } from '../base/clock.ts';
import { ConfigWatcher } from '../config/watch.ts';
import type { ZooKeeperClient } from '../zookeeper/client.ts';
import type { ProgramRun } from './program.ts';
import { hostsOf } from './zookeeper.ts';

export interface Follower {
  reconfigure(config: Config): void;
  /** Connects to all clouds anew. */
  reconnect(): void;
  /** What is going on, for the log. */
  describe(): unknown;
}

export interface Following {
  /** The configuration in force. */
  readonly config: Config;
  /** Begins to watch the files. */
  start(): void;
  /** No more news of the configuration. */
  close(): Promise<void>;
  /** Signals are not listened to any more. */
  endSignals(): void;
}

export function follow(run: ProgramRun, client: ZooKeeperClient, daemon: Follower): Following {
  const { configPath: path, securePath } = run.options;
  const { environment, log } = run;
  const watcher = new ConfigWatcher(
    { path, securePath, environment, clock: systemClock, log: log.named('nodepool.config') },
    run.loaded,
  );
  watcher.onChange(({ config, changes }) => {
    if (changes.zookeeperServersChanged) client.setHosts(hostsOf(config));
    daemon.reconfigure(config);
  });
  const listening = [
    run.onReload(() => {
      void watcher.reload().then(() => {
        daemon.reconnect();
      });
    }),
    run.onDump(() => {
      log.info('what is going on', { dump: daemon.describe() });
    }),
  ];
  return {
    get config() {
      return watcher.config;
    },
    start: () => {
      watcher.start();
    },
    close: () => watcher.close(),
    endSignals: () => {
      for (const end of listening) end();
    },
  };
}
