/**
 * Several transactions in one request while the server is busy with earlier ones.
 *
 *   submit -> few requests under way: sent at the end of this turn, with all others of the turn
 *          -> else: waits for a reply, then sent with all that wait
 *   a group is refused -> each of its transactions is sent alone: only its own answer counts
 *
 * A request costs both sides about as much for one operation as for ten, so under load this saves
 * more than half of the work; with nothing under way it costs no time. A group is one transaction: where
 * its reply is lost, each member's fate is as unknown as it would be alone.
 * Does not keep the order between a transaction and other calls of the same turn.
 */
import { untilAborted } from '../base/wait.ts';
import { MultiError } from './errors.ts';
import { InTurns } from './in-turns.ts';
import type { CallOptions, MultiOp, MultiResult } from './types.ts';

/** Sends one transaction. */
export type RunMulti = (ops: readonly MultiOp[], options?: CallOptions) => Promise<MultiResult[]>;

interface Member {
  readonly ops: readonly MultiOp[];
  readonly options: CallOptions;
  readonly resolve: (results: MultiResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests under way before others wait for each other: enough to keep a server busy. */
const MAX_UNDER_WAY = 4;
/** Bounds the time in which a server does nothing else, and what is repeated after a refusal. */
const MAX_OPS = 200;
/** Far below what a server takes (1 MiB). One that is larger goes alone. */
const MAX_BYTES = 64 * 1024;
/** Of an operation beside path and data. */
const FRAME_BYTES = 60;

/** Bounds the time for which what the answers set going keeps others waiting. */
const MAX_ANSWERS_A_TURN = 4;

export class TransactionGroups {
  readonly #run: RunMulti;
  #waiting: Member[] = [];
  #underWay = 0;
  #isScheduled = false;
  /** Of groups that have been answered, in order. */
  readonly #answers = new InTurns(MAX_ANSWERS_A_TURN);

  constructor(run: RunMulti) {
    this.#run = run;
  }

  submit(ops: readonly MultiOp[], options: CallOptions = {}): Promise<MultiResult[]> {
    // Its deadline is its own.
    if (options.timeoutMs !== undefined) return this.#run(ops, options);
    const answer = new Promise<MultiResult[]>((resolve, reject) => {
      this.#waiting.push({ ops, options, resolve, reject });
    });
    this.#schedule();
    return options.signal ? untilAborted(answer, options.signal) : answer;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#underWay >= MAX_UNDER_WAY) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0 && this.#underWay < MAX_UNDER_WAY) this.#send(this.#next());
    });
  }

  /** The longest head of the queue that is small enough. */
  #next(): Member[] {
    const members = this.#waiting;
    let count = 0;
    let ops = 0;
    let bytes = 0;
    for (const member of members) {
      ops += member.ops.length;
      bytes += bytesOf(member.ops);
      if (count > 0 && (ops > MAX_OPS || bytes > MAX_BYTES)) break;
      count++;
    }
    this.#waiting = members.slice(count);
    return members.slice(0, count).filter(({ options }) => options.signal?.aborted !== true);
  }

  #send(members: readonly Member[]): void {
    if (members.length === 0) return;
    this.#underWay++;
    void this.#settle(members).finally(() => {
      this.#underWay--;
      this.#schedule();
    });
  }

  /** Resolves when the server has answered, and it is certain that all members will be told. */
  async #settle(members: readonly Member[]): Promise<void> {
    const [only] = members;
    if (members.length === 1 && only) {
      await this.#runAlone(only);
      return;
    }
    try {
      const results = await this.#run(members.flatMap(({ ops }) => ops));
      let from = 0;
      for (const { ops, resolve } of members) {
        const own = results.slice(from, from + ops.length);
        this.#answers.push(() => {
          resolve(own);
        });
        from += ops.length;
      }
    } catch (error) {
      if (!(error instanceof MultiError)) {
        for (const { reject } of members) reject(error);
        return;
      }
      // Even the one that failed: others before it may have been why, and nothing of them happened.
      await Promise.all(members.map((member) => this.#runAlone(member)));
    }
  }

  /** Never rejects. */
  async #runAlone({ ops, options, resolve, reject }: Member): Promise<void> {
    try {
      resolve(await this.#run(ops, options));
    } catch (error) {
      reject(error);
    }
  }
}

function bytesOf(ops: readonly MultiOp[]): number {
  let bytes = 0;
  for (const op of ops) {
    bytes += FRAME_BYTES + op.path.length;
    if (op.op === 'set' || op.op === 'create') bytes += op.data?.length ?? 0;
  }
  return bytes;
}
