/**
 * The independent reader: looks all the time whether what must always hold does, and waits for what must
 * hold when all is quiet.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { alwaysViolations, quietViolations } from './invariants.ts';
import { readSnapshot, type MachineSeen, type Snapshot } from './snapshot.ts';
import { persist } from './sturdy-client.ts';

const LOOK_EVERY_MS = 700;
const QUIET_LOOK_MS = 250;

export interface ReaderOptions {
  readonly hosts: string;
  readonly machines: () => readonly MachineSeen[];
}

export class Reader {
  readonly violations = new Set<string>();
  readonly #client: ZooKeeperClient;
  readonly #machines: () => readonly MachineSeen[];
  readonly #stopping = new AbortController();
  #looking: Promise<void> | undefined;
  #looks = 0;

  constructor({ hosts, machines }: ReaderOptions) {
    this.#machines = machines;
    this.#client = new ZooKeeperClient({
      connectString: hosts,
      sessionTimeoutMs: 30_000,
      operationTimeoutMs: 5000,
    });
  }

  /** How many snapshots were judged. */
  get looks(): number {
    return this.#looks;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#client.start(signal);
    this.#looking = this.#lookOn().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }

  /** Resolves with what does not hold yet when the time is over: nothing, if all is well. */
  async untilQuiet(providers: readonly string[], mostMs: number): Promise<string[]> {
    const end = performance.now() + mostMs;
    for (;;) {
      const problems = quietViolations(await this.#read(), providers);
      if (problems.length === 0 || performance.now() > end) return problems;
      await sleep(systemClock, QUIET_LOOK_MS, this.#stopping.signal);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.#client.close();
  }

  async #lookOn(): Promise<void> {
    let before = new Set<string>();
    while (!this.#stopping.signal.aborted) {
      const now = alwaysViolations(await this.#read());
      // Records are read one after the other: what is true is true in the next look, too.
      for (const one of now) if (before.has(one)) this.violations.add(one);
      before = new Set(now);
      this.#looks++;
      await sleep(systemClock, LOOK_EVERY_MS, this.#stopping.signal);
    }
  }

  #read(): Promise<Snapshot> {
    return persist(this.#stopping.signal, () => readSnapshot(this.#client, this.#machines));
  }
}
