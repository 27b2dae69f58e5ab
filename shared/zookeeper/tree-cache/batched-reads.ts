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

interface Waiting {
  readonly read: ReadOp;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchedReads {
  readonly #client: ZooKeeper;
  #waiting: Waiting[] = [];
  readonly #answers = new InTurns(1);

  constructor(client: ZooKeeper) {
    this.#client = client;
  }

  async get(path: string): Promise<{ data: Buffer; stat: Stat }> {
    const result = await this.#read({ op: 'get', path });
    if (result.op !== 'get') throw new InvariantError('not the answer to a get');
    return result;
  }

  async children(path: string): Promise<readonly string[]> {
    const result = await this.#read({ op: 'children', path });
    if (result.op !== 'children') throw new InvariantError('not the answer to a list');
    return result.children;
  }

  async #read(read: ReadOp): Promise<ReadResult> {
    const result = await new Promise<ReadResult>((resolve, reject) => {
      if (this.#waiting.length === 0) {
        setImmediate(() => {
          this.#send();
        });
      }
      this.#waiting.push({ read, resolve, reject });
    });
    if (result.op === 'error') throw result.error;
    return result;
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
        for (const [index, { resolve, reject }] of batch.entries()) {
          const result = results[index];
          if (result === undefined) reject(new InvariantError('a read without answer'));
          else resolve(result);
        }
      });
    } catch (error) {
      this.#answers.push(() => {
        for (const { reject } of batch) reject(error);
      });
    }
  }
}
