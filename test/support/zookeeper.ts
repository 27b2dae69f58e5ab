/**
 * The ZooKeeper that all integration tests of one mocha run share: started at the first call, one
 * server, plain and TLS. It ends with the process. Tests keep apart by `uniqueChroot`.
 */
import { randomBytes } from 'node:crypto';
import { ZooKeeperClient, type ZooKeeperClientOptions } from '../../shared/zookeeper/client.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';

/** A loaded machine takes its time. */
const START_MS = 20_000;

let shared: Promise<RunningZooKeeper> | undefined;

/** The shared server. Do not stop or freeze it: start your own for that. */
export function zookeeper(): Promise<RunningZooKeeper> {
  shared ??= startZooKeeper({ mode: 'both', tickMs: 200 });
  return shared;
}

/** A path that nobody else uses, such as `/test-5f0c...`; the client or the test has to make it. */
export function uniqueChroot(name = 'test'): string {
  return `/${name}-${randomBytes(6).toString('hex')}`;
}

/** A started client of the shared server below a chroot of its own. The caller closes it. */
export async function connect(
  chroot: string,
  options: Partial<ZooKeeperClientOptions> = {},
): Promise<ZooKeeperClient> {
  const { plainHosts } = await zookeeper();
  const client = new ZooKeeperClient({
    connectString: `${plainHosts}${chroot}`,
    sessionTimeoutMs: 4_000,
    ...options,
  });
  await client.start(AbortSignal.timeout(START_MS));
  await client.ensurePath('/');
  return client;
}

/** Runs work with a client below a chroot of its own, and closes it. */
export async function withClient<T>(
  work: (client: ZooKeeperClient, chroot: string) => Promise<T>,
  options: Partial<ZooKeeperClientOptions> = {},
): Promise<T> {
  const chroot = uniqueChroot();
  const client = await connect(chroot, options);
  try {
    return await work(client, chroot);
  } finally {
    await client.close();
  }
}
