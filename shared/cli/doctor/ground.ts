/**
 * What the checks share, each looked at once, when the first check asks for it: the configuration, a
 * session, what ZooKeeper holds, and a znode of our own that ends with the session.
 */
import { randomUUID } from 'node:crypto';

import type { Config } from '../../../schemas/config/model.ts';
import { messageOf, ZooKeeperError } from '../../base/errors.ts';
import { joinSignals, withDeadline } from '../../base/wait.ts';
import { loadConfig } from '../../config/load.ts';
import { connectString } from '../../config/zookeeper.ts';
import { ZooKeeperClient } from '../../zookeeper/client.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import type { DoctorOptions } from './options.ts';
import { Skipped } from './model.ts';
import { readRecords, type Records } from './records.ts';

/** An ensemble that elects a leader takes its time; who waits here wants to know soon. */
const SESSION_MS = 15_000;

/** A znode of our own, made to see what this session may do, and when. */
export interface Probe {
  /** Relative to the chroot. */
  readonly path: string;
  /** By the ensemble's clock, in milliseconds since 1970. */
  readonly ctimeMs: number;
  /** By ours, just before it was asked for and just after the answer. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

export class Ground {
  readonly context: Context;
  readonly options: DoctorOptions;
  readonly #known = new Map<string, Promise<unknown>>();
  readonly #hopeless = new AbortController();
  #client: ZooKeeperClient | undefined;

  constructor(context: Context, options: DoctorOptions) {
    this.context = context;
    this.options = options;
  }

  /** @throws Skipped: it is not valid; the check of the configuration tells why. */
  config(): Promise<Config> {
    return this.#once('config', async () => {
      const { configPath: path, securePath, environment } = this.context;
      try {
        return (await loadConfig({ path, securePath, environment })).config;
      } catch {
        throw new Skipped('the configuration is not valid');
      }
    });
  }

  /** The session over all servers. @throws what kept it from being made. */
  session(): Promise<ZooKeeper> {
    return this.#once('session', async () => {
      const { clock, log, signal } = this.context;
      const { zookeeper, extensions } = await this.config();
      const { servers, tls, timeoutSeconds } = zookeeper;
      if (servers.length === 0) throw new Skipped('zookeeper-servers is missing');
      const hosts = connectString(servers);
      const client = new ZooKeeperClient({
        ...{ connectString: hosts, sessionTimeoutMs: timeoutSeconds * 1000, clock },
        tls: tls && { ...tls, verifyHostname: extensions.zookeeper.verifyHostname },
        log: log.named('nodepool.zk.ZooKeeperClient'),
      });
      this.#client = client;
      const seconds = SESSION_MS / 1000;
      const error = (): Error =>
        new ZooKeeperError('ZK_CONNECTION_LOSS', `no session with ${hosts} within ${seconds} s`);
      const { signal: ending, dispose } = joinSignals([signal, this.#hopeless.signal]);
      const deadline = { clock, ms: SESSION_MS, signal: ending, error };
      await withDeadline(deadline, (inner) => client.start(inner)).finally(dispose);
      return client;
    });
  }

  /** None of the servers gives a session: waiting for one any longer is in vain. */
  giveUpSession(): void {
    this.#hopeless.abort(
      new ZooKeeperError('ZK_CONNECTION_LOSS', 'none of the servers gives a session'),
    );
  }

  /** @throws Skipped: there is no session; the check of it tells why. */
  async zookeeper(): Promise<ZooKeeper> {
    try {
      return await this.session();
    } catch (error) {
      if (error instanceof Skipped) throw error;
      throw new Skipped('ZooKeeper cannot be asked');
    }
  }

  records(): Promise<Records> {
    return this.#once('records', async () => {
      const { clock, signal } = this.context;
      return readRecords(await this.zookeeper(), clock, signal);
    });
  }

  /** @throws what kept it from being made. */
  probe(): Promise<Probe> {
    return this.#once('probe', async () => {
      const { clock, signal } = this.context;
      const client = await this.session();
      const parent = (await client.exists('/nodepool', { signal })) ? '/nodepool' : '';
      const path = `${parent}/doctor-${randomUUID()}`;
      const askedMs = clock.now();
      const { stat } = await client.create(path, Buffer.alloc(0), { mode: 'ephemeral', signal });
      return { path, ctimeMs: stat.ctime, askedMs, answeredMs: clock.now() };
    });
  }

  /** Ends the session, and the probe with it. Never rejects. */
  async close(): Promise<void> {
    try {
      await this.#client?.close();
    } catch (error) {
      this.context.log.debug('the session was not ended in order', { error: messageOf(error) });
    }
  }

  #once<T>(name: string, look: () => Promise<T>): Promise<T> {
    let known = this.#known.get(name) as Promise<T> | undefined;
    if (known === undefined) {
      known = look();
      this.#known.set(name, known);
    }
    return known;
  }
}
