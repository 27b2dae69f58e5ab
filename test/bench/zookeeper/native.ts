/**
 * The npm binding `zookeeper` under the measured work: `native.ts FOLDER HOSTS OPERATIONS`, where
 * FOLDER is the one whose node_modules hold it. Prints one line of JSON.
 */
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measureSubject } from './measure.ts';

/** What is used of the binding; its `*_` methods take callbacks as the C library's are. */
interface Binding extends EventEmitter {
  init(options: object): void;
  create(path: string, data: Buffer, flags: number): Promise<string>;
  set(path: string, data: Buffer, version: number): Promise<unknown>;
  get(path: string, watch: boolean): Promise<unknown>;
  delete_(path: string, version: number): Promise<unknown>;
  close(): void;
}

const ANY_VERSION = -1;
/** Errors only. */
const LOG_LEVEL = 1;

async function main(folder: string, hosts: string, operations: number): Promise<void> {
  const require = createRequire(join(folder, 'package.json'));
  const { Promise: Client } = require(join(folder, 'node_modules/zookeeper')) as {
    Promise: new () => Binding;
  };
  const zk = new Client();
  const connected = once(zk, 'connect');
  zk.init({
    connect: hosts,
    timeout: 10_000,
    debug_level: LOG_LEVEL,
    host_order_deterministic: false,
  });
  await connected;
  const figures = await measureSubject(
    {
      create: (path, data) => zk.create(path, data, 0),
      set: (path, data) => zk.set(path, data, ANY_VERSION),
      get: (path) => zk.get(path, false),
      remove: (path) => zk.delete_(path, ANY_VERSION),
      watchTree: undefined,
    },
    `/native-${process.pid}`,
    operations,
  );
  zk.close();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit();
}

await main(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4]));
