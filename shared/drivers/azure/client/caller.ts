/**
 * Calls to the Resource Manager: each in its turn, repeated as it may be; listings page by page; and
 * operations that take their time, asked for until their end.
 */
import type { ComputeManagementClient, restorePoller } from '@azure/arm-compute';

import type { Clock } from '../../../base/clock.ts';
import { CloudError, hasLabel } from '../../../base/errors.ts';
import { sleep, throwIfAborted } from '../../../base/wait.ts';
import type { CallOptions, CloudCalls } from '../../../cloud/calls.ts';
import { Patience } from '../../../cloud/patience.ts';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import { clientError, operationFailure } from './errors.ts';
import type { TokenSource } from './http.ts';
import type { Sdk } from './sdk.ts';

/** What each call of a client takes. */
export interface Abortable {
  readonly abortSignal: AbortSignal;
}

/** A listing of a client. */
interface Listing<T> {
  byPage(settings: { continuationToken?: string }): AsyncIterator<Page<T>>;
}

type Page<T> = T[] & { readonly continuationToken?: string };

/** A long operation. It is like a promise of its end, so it is never to be awaited itself. */
type Operation<T> = ReturnType<typeof restorePoller<never, T>>;

/** How an operation stands. */
interface Standing<T> {
  readonly isDone: boolean;
  readonly result: T | undefined;
  /** Why it failed, once it is done. */
  readonly failure: CloudError | undefined;
  /** What the next look begins from. */
  readonly state: string;
}

export interface CallerOptions {
  readonly sdk: Sdk;
  readonly calls: CloudCalls;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Seconds between two looks at an operation. */
  readonly lookSeconds: number;
}

/** A listing of more pages is one that leads in a circle. */
const MOST_PAGES = 10_000;
/** Until an operation is given up. */
const LONGEST_MS = 1_800_000;
/** An operation goes on while nobody answers for it. */
const LOOK_PATIENCE = { mostFailures: 5, unreachableMs: 120_000 };

export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  get sdk(): Sdk {
    return this.#options.sdk;
  }

  async call<T>(
    work: (options: Abortable) => Promise<T>,
    signal: AbortSignal,
    options?: CallOptions,
  ): Promise<T> {
    const { calls, tokens } = this.#options;
    // Before the call's turn, so that a renewal is not at the cost of the call's deadline.
    await tokens.current(signal);
    return calls.run(
      signal,
      (abortSignal) =>
        work({ abortSignal }).catch((error: unknown) => {
          throw clientError(error);
        }),
      options,
    );
  }

  /** All pages, each a call of its own. `next` says where a page leads to. */
  async all<T>(
    list: (options: Abortable) => Listing<T>,
    signal: AbortSignal,
    next: (page: Page<T>) => string | undefined = (page) => page.continuationToken,
  ): Promise<readonly T[]> {
    const items: T[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const settings = from === undefined ? {} : { continuationToken: from };
      const page = await this.call(
        async (options) => {
          const found: IteratorResult<Page<T>> = await list(options).byPage(settings).next();
          return found.done === true ? undefined : found.value;
        },
        signal,
        { isShared: true },
      );
      for (const item of page ?? []) items.push(item);
      from = page && next(page);
      if (from === undefined) return items;
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `a listing of more than ${MOST_PAGES} pages`);
  }

  /** `false`: Azure says that there is none. The deletion goes on after the answer. */
  async delete(
    begin: (options: Abortable & WithAnswer) => PromiseLike<unknown>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const isThere = await unlessThereIsNone(
      this.call(async (options) => {
        let status: number | undefined;
        await begin({
          ...options,
          onResponse: (answer) => {
            status ??= answer.status;
          },
        });
        return status !== 204;
      }, signal),
    );
    return isThere ?? false;
  }

  /** Begins an operation of the compute client and looks after it until its end. */
  async finish<T>(
    begin: (client: ComputeManagementClient, options: Abortable) => Operation<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { clock, sdk, lookSeconds } = this.#options;
    const { client, restorePoller } = await sdk.compute();
    const beganMs = clock.monotonic();
    let standing = await this.call((options) => submitted(begin(client, options)), signal);
    let patience = new Patience({ ...LOOK_PATIENCE, clock });
    while (!standing.isDone) {
      if (clock.monotonic() - beganMs >= LONGEST_MS) throw endlessError();
      await sleep(clock, lookSeconds * 1000, signal);
      const { state } = standing;
      try {
        // A fresh one for each look: one that has met an error or an abort stays with it.
        standing = await this.call((options) => {
          const operation = restorePoller(client, state, () => begin(client, options), options);
          return looked(operation, options);
        }, signal);
        patience = new Patience({ ...LOOK_PATIENCE, clock });
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'retryable') || patience.endsWith(error)) throw error;
      }
    }
    if (standing.failure !== undefined) throw standing.failure;
    return standing.result as T;
  }
}

/** Is told of the answer to a request. */
export interface WithAnswer {
  readonly onResponse: (answer: { readonly status: number }) => void;
}

async function submitted<T>(operation: Operation<T>): Promise<Standing<T>> {
  await operation.submitted();
  return standingOf(operation, operation.operationState?.error);
}

/** Rejects where the look went wrong, not where the operation did. */
async function looked<T>(operation: Operation<T>, options: Abortable): Promise<Standing<T>> {
  try {
    await operation.poll(options);
  } catch (error) {
    if (operationFailure(error) === undefined) throw error;
    return standingOf(operation, error);
  }
  return standingOf(operation);
}

async function standingOf<T>(operation: Operation<T>, error?: unknown): Promise<Standing<T>> {
  const { isDone, result } = operation;
  const failure = error === undefined ? undefined : operationFailure(error);
  return { isDone, result, failure, state: await operation.serialize() };
}

function endlessError(): CloudError {
  const text = `an operation of Azure does not end within ${LONGEST_MS / 1000} s`;
  return new CloudError('NP_CLOUD_TRANSIENT', text, { labels: ['retryable'] });
}
