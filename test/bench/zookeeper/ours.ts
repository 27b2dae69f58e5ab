/** Our client under the measured work: `ours.ts HOSTS OPERATIONS`, prints one line of JSON. */
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { measureSubject } from './measure.ts';

const START_MS = 20_000;

async function main(hosts: string, operations: number): Promise<void> {
  const zk = new ZooKeeperClient({ connectString: hosts });
  await zk.start(AbortSignal.timeout(START_MS));
  const figures = await measureSubject(
    {
      create: (path, data) => zk.create(path, data),
      set: (path, data) => zk.set(path, data),
      get: (path) => zk.get(path),
      remove: (path) => zk.delete(path),
      watchTree: async (path, onEvent) => {
        await zk.addWatch(path, 'persistentRecursive', onEvent);
      },
    },
    `/ours-${process.pid}`,
    operations,
  );
  await zk.close();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

await main(process.argv[2] ?? '', Number(process.argv[3]));
