/**
 * Reads the host keys of new nodes, so that Zuul can tell them from others.
 *
 * A node that has just got its address seldom listens already: it is tried again at once, then with
 * growing pauses. When it accepts a connection, one handshake for each key algorithm runs, all at
 * the same time, under one limit of connections for all hosts.
 *
 * Never authenticates. A host that accepts and says nothing, sends rubbish or closes is tried again
 * until the deadline like one that refuses. Facts: nodepool/driver/statemachine.py (NodescanRequest)
 * and nodepool/nodeutils.py.
 */
import type { Clock } from '../base/clock.ts';
import { CloudError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { sleep, throwIfAborted, withDeadline } from '../base/wait.ts';
import { connectTcp } from './connect.ts';
import { HOST_KEY_ALGORITHMS, readHostKey, type HostKeyAlgorithm } from './host-key.ts';
import { Slots } from './slots.ts';

/** Connections at once: what the listen queue of an sshd holds, as in Python Nodepool. */
const MAX_CONCURRENT = 100;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** A packet sent to a host that boots is lost, so the first connections give up soon. */
const FIRST_CONNECT_MS = 1000;
const LONGEST_CONNECT_MS = 10_000;
const HANDSHAKE_MS = 10_000;
/** For an algorithm whose connection fails while another one works, as under `MaxStartups`. */
const KEY_TRIES = 3;

export interface ScanTarget {
  /** Name or address. One that contains `fake` is not asked: it is a node of the fake driver. */
  readonly host: string;
  readonly port: number;
  /** `ssh` and `network_cli` have host keys; for others an open port is enough. */
  readonly connectionType: string;
  /** For all of it, waiting for a free connection included. */
  readonly bootTimeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface KeyScannerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Connections at once over all hosts. Default 100. */
  readonly maxConcurrent?: number;
}

export class KeyScanner {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #slots: Slots;

  constructor(options: KeyScannerOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#slots = new Slots(options.maxConcurrent ?? MAX_CONCURRENT);
  }

  /**
   * The keys as `<type> <base64>` in Python Nodepool's order, an RSA key twice. Rejects with
   * NP_KEYSCAN_FAILED at the deadline, or with the signal's reason.
   */
  async scan(target: ScanTarget): Promise<string[]> {
    const { host, port, connectionType } = target;
    const hasKeys = connectionType === 'ssh' || connectionType === 'network_cli';
    if (host.includes('fake')) return hasKeys ? ['ssh-rsa FAKEKEY'] : [];
    let lastFailure: unknown;
    return withDeadline(
      {
        clock: this.#clock,
        ms: target.bootTimeoutSeconds * 1000,
        signal: target.signal,
        error: () =>
          new CloudError(
            'NP_KEYSCAN_FAILED',
            `no ${hasKeys ? 'host keys' : 'connection'} from ${host} port ${port} in ${target.bootTimeoutSeconds} s: ${lastFailure === undefined ? 'no answer' : messageOf(lastFailure)}`,
            { labels: ['retryable'], cause: lastFailure },
          ),
      },
      async (signal) => {
        for (let attempt = 0; ; attempt++) {
          try {
            return await this.#attempt({ ...target, signal }, attempt, hasKeys);
          } catch (error) {
            throwIfAborted(signal);
            lastFailure = error;
            this.#log.debug('Key scan is tried again', { host, port, error: messageOf(error) });
          }
          await sleep(this.#clock, doubled(FIRST_PAUSE_MS, attempt, LONGEST_PAUSE_MS), signal);
        }
      },
    );
  }

  /** The first connection shows whether the host is up; then all other algorithms follow at once. */
  async #attempt(target: ScanTarget, attempt: number, hasKeys: boolean): Promise<string[]> {
    const timeoutMs = doubled(FIRST_CONNECT_MS, attempt, LONGEST_CONNECT_MS);
    if (!hasKeys) {
      await this.#slots.run(target.signal, async () => {
        (await connectTcp({ ...target, timeoutMs, clock: this.#clock })).destroy();
      });
      return [];
    }
    const [first, ...rest] = HOST_KEY_ALGORITHMS;
    const others = new AbortController();
    const signal = AbortSignal.any([target.signal, others.signal]);
    let restKeys: Promise<(string | undefined)[]> = Promise.resolve([]);
    const onOpen = (): void => {
      restKeys = Promise.all(
        rest.map((algorithm) => this.#tryKey({ ...target, signal }, algorithm)),
      );
      // Its failure is looked at below, or does not matter any more.
      restKeys.catch(() => undefined);
    };
    try {
      const firstKey = await this.#readKey(target, first, { timeoutMs, onOpen });
      const keys = [firstKey, ...(await restKeys)].filter((key) => key !== undefined);
      if (keys.length > 0) return keys;
      throw new Error('the host has no key of a type that we know');
    } finally {
      others.abort();
    }
  }

  /** A key that cannot be read although the host is up is left out, as Python Nodepool does. */
  async #tryKey(target: ScanTarget, algorithm: HostKeyAlgorithm): Promise<string | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#readKey(target, algorithm, { timeoutMs: LONGEST_CONNECT_MS });
      } catch (error) {
        throwIfAborted(target.signal);
        if (attempt + 1 >= KEY_TRIES) {
          const { host, port } = target;
          this.#log.warn('Host key left out', { host, port, algorithm, error: messageOf(error) });
          return undefined;
        }
      }
      const pauseMs = doubled(FIRST_PAUSE_MS, attempt, LONGEST_PAUSE_MS);
      await sleep(this.#clock, pauseMs, target.signal);
    }
  }

  #readKey(
    target: ScanTarget,
    algorithm: HostKeyAlgorithm,
    { timeoutMs, onOpen }: { timeoutMs: number; onOpen?: () => void },
  ): Promise<string | undefined> {
    const clock = this.#clock;
    return this.#slots.run(target.signal, async () => {
      const socket = await connectTcp({ ...target, timeoutMs, clock });
      onOpen?.();
      const { signal } = target;
      return readHostKey(socket, { algorithm, timeoutMs: HANDSHAKE_MS, clock, signal });
    });
  }
}

function doubled(first: number, times: number, most: number): number {
  return Math.min(most, first * 2 ** times);
}
