/**
 * The load of a fault run: builds that come and go, a number of them at a time, through one session
 * that outlives every fault. Each build's fate depends on the seed and its number alone.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import { sleep } from '../../shared/base/wait.ts';
import { seededRandom } from '../../shared/drivers/fake/faults.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { ZuulSide } from '../support/zuul-side.ts';
import { Books } from './books.ts';
import { drawBuild, runBuild } from './build.ts';
import { sturdy } from './sturdy-client.ts';
import type { World } from './world.ts';

/** Longer than any fault of the ensemble, so that a user never loses what it has locked. */
const SESSION_MS = 60_000;
/** No answer is waited for longer than this without a look. */
const LOOK_MS = 1000;
const REQUESTS = '/nodepool/requests';

export interface UsersOptions {
  readonly hosts: string;
  readonly seed: number;
  /** Builds at a time. */
  readonly parallel: number;
  readonly ground: World['ground'];
  readonly wasAnyClockWrong: World['wasAnyClockWrong'];
}

export class Users {
  readonly books = new Books();
  readonly #options: UsersOptions;
  readonly #client: ZooKeeperClient;
  readonly #giveUp = new AbortController();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #running = new Map<number, Promise<void>>();
  #world: World | undefined;
  #count = 0;
  #isOpen = false;

  constructor(options: UsersOptions) {
    this.#options = options;
    this.#client = new ZooKeeperClient({
      connectString: options.hosts,
      sessionTimeoutMs: SESSION_MS,
      operationTimeoutMs: 5000,
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#client.start(signal);
    this.#client.onState((state) => {
      if (state === 'expired') this.books.violation('the session of the users expired');
    });
    await this.#client.ensurePath(REQUESTS);
    await this.#client.addWatch(REQUESTS, 'persistentRecursive', ({ path }) => {
      this.#tell(path.slice(REQUESTS.length + 1));
    });
    this.#world = {
      zuul: new ZuulSide(sturdy(this.#client, { signal: this.#giveUp.signal, identityOf })),
      books: this.books,
      changed: (request) => this.#changed(request),
      ground: this.#options.ground,
      wasAnyClockWrong: this.#options.wasAnyClockWrong,
      signal: this.#giveUp.signal,
    };
  }

  /** Lets builds begin, until `close`. */
  open(): void {
    this.#isOpen = true;
    while (this.#running.size < this.#options.parallel) this.#begin();
  }

  /** No build begins any more; those that run go on. */
  close(): void {
    this.#isOpen = false;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Ends all at once; their locks go with the session. */
  async stop(): Promise<void> {
    this.close();
    this.#giveUp.abort();
    await Promise.allSettled(this.#running.values());
    await this.#client.close();
  }

  #begin(): void {
    const world = this.#world;
    if (!world) throw new Error('the users are not there yet');
    const number = ++this.#count;
    const plan = drawBuild(seededRandom(this.#options.seed * 1_000_003 + number));
    const work = runBuild(world, number, plan)
      .catch((error: unknown) => {
        if (!this.#giveUp.signal.aborted)
          this.books.violation(`build ${number} broke: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#running.delete(number);
        if (this.#isOpen) this.#begin();
      });
    this.#running.set(number, work);
  }

  /** Resolves at the next change, or after a while. */
  #changed(request: string): Promise<void> {
    const told = new Promise<void>((resolve) => {
      const listeners = this.#waiting.get(request) ?? new Set();
      listeners.add(resolve);
      this.#waiting.set(request, listeners);
    });
    return Promise.race([told, sleep(systemClock, LOOK_MS, this.#giveUp.signal)]);
  }

  #tell(request: string): void {
    const listeners = this.#waiting.get(request);
    this.#waiting.delete(request);
    for (const listener of listeners ?? []) listener();
  }
}

/** A request's event, which is another for each build; all of what else is written. */
function identityOf(data: Uint8Array): string {
  const text = Buffer.from(data).toString();
  return /"event_id":"([^"]*)"/.exec(text)?.[1] ?? text;
}
