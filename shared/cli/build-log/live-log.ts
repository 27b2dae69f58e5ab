/** Shows the log of a build while it is written, and remembers what the build failed at. */
import type { Config } from '../../../schemas/config/model.ts';
import { StringDecoder } from 'node:string_decoder';

import { messageOf } from '../../base/errors.ts';
import { FailureReader } from '../../build-logs/failure.ts';
import { logsIn } from '../../build-logs/folder.ts';
import type { BuildKey } from '../../store/paths.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import { builderUrls } from '../../asking/builders.ts';
import { fetchLog } from './fetch-log.ts';
import { readFileLog } from './file-log.ts';

export interface LiveLogOptions {
  readonly config: Config;
  readonly client: ZooKeeper;
  readonly context: Context;
  /** As the build's record names it. */
  readonly builder: string | undefined;
}

/** A longer line tells of no script. */
const MOST_LINE = 10_000;
const FOLLOWED = { isFollowing: true, tailLines: undefined };

export class LiveLog {
  readonly #reader = new FailureReader();
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** Element, phase and script, with the last words; undefined: the log did not tell, or was not had. */
  get failure(): string | undefined {
    return this.#reader.summary();
  }

  /** Resolves when the build has ended; a log that cannot be had is told of, and is no error. */
  async show(key: BuildKey, options: LiveLogOptions): Promise<void> {
    const { context } = options;
    try {
      for await (const piece of await this.#pieces(key, options)) {
        await context.write(piece);
        this.#read(piece);
      }
    } catch (error) {
      if (!context.signal.aborted) context.warn(`nodepool: ${messageOf(error)}`);
    }
  }

  /** From this machine's folder if it is there, else from the builder. */
  async #pieces(
    key: BuildKey,
    { config, client, context, builder }: LiveLogOptions,
  ): Promise<AsyncIterable<Uint8Array>> {
    const folder = config.buildLogDir;
    const isHere = (await logsIn(folder, key.image)).some(({ build }) => build === key.build);
    if (isHere) return readFileLog(key, FOLLOWED, { folder, client, context });
    const [url] = builderUrls(builder === undefined ? [] : [builder], config, context.hostname);
    if (url === undefined) throw new Error('the log cannot be shown: nobody says who builds');
    return fetchLog(url, key, FOLLOWED, context.signal);
  }

  #read(piece: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(piece))).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MOST_LINE);
    for (const line of lines)
      if (!line.startsWith('Exit code: ')) this.#reader.line(line.slice(0, MOST_LINE));
  }
}
