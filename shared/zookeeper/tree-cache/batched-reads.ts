/**
 * Reads of the same turn of the event loop in one request: a tree of thousands of znodes costs both
 * sides a fraction of what single reads would.
 *
 * Of requests that are answered together each is handed out in a turn of its own, since a tree is told
 * of every record that is read. So an answer may come after events that the server sent later, never
 * before earlier ones.
 */
import { InvariantError } from '../../base/errors.ts';
import { InTurns } from '../in-turns.ts';
import type { ReadOp, ReadResult, Stat, ZooKeeper } from '../types.ts';

/** Even if each znode is as large as servers allow, the answer stays below the client's limit. */
const MAX_READS = 24;

type AnswerTo<Op> = Extract<ReadResult, { readonly op: Op }>;

interface Waiting {
  readonly read: ReadOp;
  readonly settle: (result: ReadResult | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchedReads {
  readonly #client: ZooKeeper;
  #waiting: Waiting[] = [];
  readonly #answers = new InTurns(1);

  constructor(client: ZooKeeper) {
    this.#client = client;
  }

  get(path: string): Promise<{ data: Buffer; stat: Stat }> {
    return this.#read<'get'>({ op: 'get', path });
  }

  async children(path: string): Promise<readonly string[]> {
    return (await this.#read<'children'>({ op: 'children', path })).children;
  }

  #read<Op extends ReadOp['op']>(read: ReadOp & { op: Op }): Promise<AnswerTo<Op>> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) {
        setImmediate(() => {
          this.#send();
        });
      }
      const settle = (result: ReadResult | undefined): void => {
        if (result?.op === 'error') reject(result.error);
        else if (isAnswerTo(result, read.op)) resolve(result);
        else reject(new InvariantError(`not the answer to ${read.op}`));
      };
      this.#waiting.push({ read, settle, reject });
    });
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; from += MAX_READS) {
      void this.#sendOne(waiting.slice(from, from + MAX_READS));
    }
  }

  async #sendOne(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#client.readMany(batch.map(({ read }) => read));
      this.#answers.push(() => {
        batch.forEach(({ settle }, index) => {
          settle(results[index]);
        });
      });
    } catch (error) {
      this.#answers.push(() => {
        for (const { reject } of batch) reject(error);
      });
    }
  }
}

function isAnswerTo<Op>(result: ReadResult | undefined, op: Op): result is AnswerTo<Op> {
  return result?.op === op;
}
