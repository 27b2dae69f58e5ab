/** One ZooKeeper server by itself: whether it answers, in which state, how fast. */
import type { Config } from '../../../../schemas/config/model.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf, ZooKeeperError } from '../../../base/errors.ts';
import { withDeadline } from '../../../base/wait.ts';
import { connectString } from '../../../config/zookeeper.ts';
import { ZooKeeperClient } from '../../../zookeeper/client.ts';
import { dial } from '../../../zookeeper/dial.ts';
import { TlsSettings } from '../../../zookeeper/tls.ts';
import type { ServerFacts } from '../judge/servers.ts';
import { askSrvr, parseSrvr } from './srvr.ts';

/** A server that is well answers within milliseconds, also over long ways. */
const CONNECT_MS = 5_000;
const READS = 5;

export type Server = Config['zookeeper']['servers'][number];

export interface ServerLook {
  readonly server: Server;
  /** Of the last server: it counts for all. */
  readonly chroot: string | undefined;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A znode that was made just now; undefined: there is none. */
  readonly probePath: Promise<string | undefined>;
}

export function nameOf({ host, port }: Server): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export async function lookAtServer(look: ServerLook): Promise<ServerFacts> {
  const server = nameOf(look.server);
  const unknown = { status: undefined, sessionProblem: undefined, latencyMs: undefined };
  try {
    const status = await inTime(look, (signal) => statusOf(look, signal));
    const session = await inSession(look);
    return { server, problem: undefined, status, ...session };
  } catch (error) {
    throwIfEnded(look, error);
    return { server, problem: sayProblem(error), ...unknown, seesProbe: undefined };
  }
}

async function statusOf({ server, config }: ServerLook, signal: AbortSignal) {
  const { tls } = config.zookeeper;
  const settings = tls && new TlsSettings({ ...tls, ...config.extensions.zookeeper });
  const target = { address: bare(server.host), port: server.port, host: bare(server.host) };
  // Files of ours that are wrong are no matter of the server's.
  await settings?.connectOptions(target).catch((cause: unknown) => {
    const text = 'TLS: our certificate, its key or the authority cannot be used';
    throw new ZooKeeperError('ZK_TLS', text, { cause });
  });
  const socket = await dial({ target, tls: settings }, signal);
  try {
    return parseSrvr(await askSrvr(socket, signal));
  } finally {
    socket.destroy();
  }
}

/** OpenSSL's errors name the line of its source; what matters is in their midst. */
function sayProblem(error: unknown): string {
  const text = messageOf(error).trim();
  const alert = /:SSL routines:[^:]*:([^:]+):/.exec(text)?.[1];
  return alert === undefined ? text : `TLS: ${alert}`;
}

type SessionFacts = Pick<ServerFacts, 'sessionProblem' | 'latencyMs' | 'seesProbe'>;

async function inSession(look: ServerLook): Promise<SessionFacts> {
  const { server, chroot, config, clock } = look;
  const { tls } = config.zookeeper;
  const client = new ZooKeeperClient({
    ...{ connectString: connectString([{ ...server, chroot }]), clock },
    sessionTimeoutMs: CONNECT_MS,
    tls: tls && { ...tls, ...config.extensions.zookeeper },
  });
  try {
    await inTime(look, (signal) => client.start(signal));
    const path = await look.probePath;
    return await inTime(look, async (signal) => {
      const times: number[] = [];
      for (let count = 0; count < READS; count++) {
        const since = clock.monotonic();
        await client.exists('/', { signal });
        times.push(clock.monotonic() - since);
      }
      const latencyMs = times.toSorted((a, b) => a - b)[Math.floor(READS / 2)];
      if (path === undefined) return { sessionProblem: undefined, latencyMs, seesProbe: undefined };
      await client.sync('/', { signal });
      const seesProbe = (await client.exists(path, { signal })) !== undefined;
      return { sessionProblem: undefined, latencyMs, seesProbe };
    });
  } catch (error) {
    throwIfEnded(look, error);
    return { sessionProblem: sayProblem(error), latencyMs: undefined, seesProbe: undefined };
  } finally {
    await client.close();
  }
}

function inTime<T>(
  { clock, signal }: ServerLook,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const error = (): Error =>
    new ZooKeeperError('ZK_OPERATION_TIMEOUT', `no answer within ${CONNECT_MS / 1000} s`);
  return withDeadline({ clock, ms: CONNECT_MS, signal, error }, work);
}

function throwIfEnded({ signal }: ServerLook, error: unknown): void {
  if (signal.aborted) throw error;
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
