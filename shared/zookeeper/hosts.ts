/**
 * The servers: the connect string, and in which order and after which pause they are tried.
 *
 * Connect string as kazoo reads it (reference: kazoo 2.9, hosts.py): `host:port,host:port/chroot`,
 * cut at the first slash; IPv6 addresses in brackets; port 2181 where none is given.
 * A name with several addresses counts as so many servers. A round tries every address once, in
 * random order; between rounds stands a pause that grows.
 */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { messageOf, ZooKeeperError } from '../base/errors.ts';
import { sleep, untilAborted, throwIfAborted } from '../base/wait.ts';

const DEFAULT_PORT = 2181;

export interface Host {
  /** A name or an address, without brackets. */
  readonly name: string;
  readonly port: number;
}

export interface ConnectString {
  readonly hosts: readonly Host[];
  /** Put before every path: empty, or with a leading and no trailing slash. */
  readonly chroot: string;
}

export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const list = slash < 0 ? text : text.slice(0, slash);
  const hosts = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseHost);
  if (hosts.length === 0) throw connectStringError(text, 'names no server');
  const chroot = slash < 0 ? '' : text.slice(slash).trim().replace(/\/+$/, '');
  if (chroot.includes('//')) throw connectStringError(text, 'has an empty name in its chroot');
  return { hosts, chroot };
}

function parseHost(part: string): Host {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::([0-9]+))?$/.exec(part);
  if (!match) throw connectStringError(part, 'is no HOST:PORT; IPv6 addresses stand in brackets');
  const [, bracketed, plain, digits] = match;
  const name = bracketed ?? plain ?? '';
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw connectStringError(part, 'has no IPv6 address in its brackets');
  }
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65535) throw connectStringError(part, 'has no valid port');
  return { name, port };
}

function connectStringError(text: string, problem: string): ZooKeeperError {
  return new ZooKeeperError('ZK_CONNECT_STRING', `ZooKeeper servers: "${text}" ${problem}`);
}

/** One address to connect to. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** As configured, for certificates and logs. */
  readonly host: string;
}

export type Resolve = (name: string) => Promise<readonly string[]>;

export const resolveBySystem: Resolve = async (name) =>
  (await lookup(name, { all: true })).map((entry) => entry.address);

export interface RotationOptions {
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly resolve: Resolve;
  /** Hears of names that have no address just now. */
  readonly onUnresolved: (host: string, reason: string) => void;
}

/** The longest pause before the first server after a connection was lost. */
const FIRST_PAUSE_MS = 50;
const BASE_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** After how long names are given up; the resolver itself has no deadline. */
const RESOLVE_MS = 5_000;

export class Rotation {
  #hosts: readonly Host[];
  readonly #options: RotationOptions;
  #queue: Target[] = [];
  #addresses = 1;
  /** Of those since the last good connection; undefined: none was tried yet. */
  #round: number | undefined;

  constructor(hosts: readonly Host[], options: RotationOptions) {
    this.#hosts = hosts;
    this.#options = options;
  }

  /** How many addresses the last round had. */
  get addresses(): number {
    return this.#addresses;
  }

  setHosts(hosts: readonly Host[]): void {
    this.#hosts = hosts;
    this.reset();
  }

  /** After a connection that was good: the next loss starts with a short pause again. */
  reset(): void {
    this.#queue = [];
    this.#round = 0;
  }

  /** Pauses where that is due, then answers the next target. */
  async next(signal: AbortSignal): Promise<Target> {
    for (;;) {
      throwIfAborted(signal);
      const target = this.#queue.shift();
      if (target) return target;
      const pauseMs = this.#pauseMs();
      if (pauseMs > 0) await sleep(this.#options.clock, pauseMs, signal);
      this.#round = (this.#round ?? 0) + 1;
      this.#queue = await this.#resolveAll(signal);
      this.#addresses = Math.max(1, this.#queue.length);
    }
  }

  /** Full jitter above a half, so that many clients do not come back together. */
  #pauseMs(): number {
    const { random } = this.#options;
    // Whoever starts comes alone; those who lost a server come together.
    if (this.#round === undefined) return 0;
    if (this.#round === 0) return random() * FIRST_PAUSE_MS;
    const full = Math.min(MAX_PAUSE_MS, BASE_PAUSE_MS * 2 ** Math.min(this.#round - 1, 10));
    return full * (0.5 + random() / 2);
  }

  async #resolveAll(signal: AbortSignal): Promise<Target[]> {
    const lists = await Promise.all(this.#hosts.map((host) => this.#resolveOne(host, signal)));
    return shuffle(lists.flat(), this.#options.random);
  }

  async #resolveOne(host: Host, signal: AbortSignal): Promise<Target[]> {
    const target = (address: string): Target => ({ address, port: host.port, host: host.name });
    if (isIP(host.name) !== 0) return [target(host.name)];
    const late = new AbortController();
    const cancel = this.#options.clock.after(RESOLVE_MS, () => {
      late.abort(
        new ZooKeeperError('ZK_OPERATION_TIMEOUT', `${host.name}: no answer of the resolver`),
      );
    });
    try {
      const either = AbortSignal.any([signal, late.signal]);
      const addresses = await untilAborted(this.#options.resolve(host.name), either);
      return [...new Set(addresses)].map(target);
    } catch (error) {
      throwIfAborted(signal);
      this.#options.onUnresolved(host.name, messageOf(error));
      return [];
    } finally {
      cancel();
    }
  }
}

function shuffle<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
