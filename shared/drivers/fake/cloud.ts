/**
 * A cloud that exists only in this process's memory. A server is active 0.1 s after its creation by
 * one timer; nothing polls.
 *
 * Tests drive it through its methods and read what happened from `calls` and `servers`. It does not
 * survive the process: a launcher that starts again finds its old servers gone, as with Python
 * Nodepool's; remote-cloud.ts is for those that must survive. Addresses are the word `fake`, which
 * the key scan knows.
 */
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { sleep, throwIfAborted, untilAborted } from '../../base/wait.ts';
import { addQuota, missingFrom, subtractQuota } from '../../cloud/quota.ts';
import { NETWORKS, ZONES, type Flavor } from './catalog.ts';
import { Dice, NO_FAULTS, seededRandom, type CreateFault, type Faults } from './faults.ts';

export type ServerStatus = 'BUILD' | 'ACTIVE' | 'ERROR' | 'DELETING';

export interface ServerRequest {
  /** Of the server, where its user chooses it. */
  readonly id?: string;
  /** Two requests of one token make one server. */
  readonly token: string;
  readonly name: string;
  readonly flavor: Flavor;
  readonly zone: string | undefined;
  readonly networks: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Addresses {
  readonly interfaceIp: string;
  readonly publicIpv4: string;
  readonly privateIpv4: string;
  readonly publicIpv6: string;
  readonly hostId: string;
}

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly flavor: Flavor;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly addresses: Addresses | undefined;
  readonly status: ServerStatus;
}

/** What a provider needs of its cloud, wherever that is. */
export interface Cloud {
  /** Answers once the server exists; `whenActive` tells when it can be used. */
  create(request: ServerRequest, signal: AbortSignal): Server | Promise<Server>;
  /** Resolves with the active server; rejects where it fails or is deleted before. */
  whenActive(id: string, signal: AbortSignal): Promise<Server>;
  /** Resolves when the server is gone, also where it never was. */
  delete(id: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): readonly Server[] | Promise<readonly Server[]>;
  limits(signal: AbortSignal): Quota | Promise<Quota>;
}

interface Entry {
  server: Server;
  readonly token: string | undefined;
  /** Rejects with the error that the creation ends with. */
  readonly active: Promise<void>;
  readonly settle: (error?: Error) => void;
  cancelTimer: () => void;
}

/** How often each call was made. */
export interface CallCounts {
  create: number;
  delete: number;
  list: number;
  limits: number;
}

const CREATE_ERRORS = {
  transient: ['NP_CLOUD_TRANSIENT', 'the cloud failed on purpose', ['retryable']],
  capacity: ['NP_CLOUD_CAPACITY', 'the cloud is out of capacity on purpose', ['capacity']],
  quota: ['NP_CLOUD_QUOTA', 'the cloud is out of quota on purpose', ['quota']],
  fatal: ['NP_CLOUD_FATAL', 'the cloud refuses the request on purpose', []],
} as const;

function faultError(fault: CreateFault): CloudError {
  const [code, message, labels] = CREATE_ERRORS[fault.error];
  return new CloudError(code, message, { labels });
}

/** The addresses of a server in the given networks. */
export function addressesIn(networks: readonly string[]): Addresses {
  if (networks.includes(NETWORKS.ipv6))
    return {
      interfaceIp: 'fake_v6',
      publicIpv4: 'fake',
      privateIpv4: 'fake',
      publicIpv6: 'fake_v6',
      hostId: 'fake_host_id',
    };
  return {
    interfaceIp: 'fake',
    publicIpv4: networks.includes(NETWORKS.noAutoIp) ? '' : 'fake',
    privateIpv4: 'fake',
    publicIpv6: '',
    hostId: 'fake',
  };
}

export function resourcesOf(flavor: Flavor): Quota {
  return { instances: 1, cores: flavor.cores, ram: flavor.ramMib };
}

export class FakeCloud implements Cloud {
  readonly calls: CallCounts = { create: 0, delete: 0, list: 0, limits: 0 };
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #byToken = new Map<string, Entry>();
  #faults: Faults = NO_FAULTS;
  #dice: Dice;
  #limits: Quota = {};
  /** What all servers take, kept as they come and go. */
  #used: Quota = {};
  #isHeld = false;

  constructor(options: { clock: Clock; random: () => number }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#dice = new Dice(options.random);
  }

  /** What exists now, whatever its state. */
  get servers(): readonly Server[] {
    return [...this.#entries.values()].map((entry) => entry.server);
  }

  setLimits(limits: Quota): void {
    this.#limits = limits;
  }

  /** Counts of `every` and `times`, and the seed, start anew only where the faults change. */
  setFaults(faults: Faults): void {
    if (JSON.stringify(faults) === JSON.stringify(this.#faults)) return;
    this.#faults = faults;
    this.#dice = new Dice(faults.seed === undefined ? this.#random : seededRandom(faults.seed));
  }

  /** Servers stay in BUILD until `releaseCreates`. */
  holdCreates(): void {
    this.#isHeld = true;
  }

  releaseCreates(): void {
    this.#isHeld = false;
    for (const entry of this.#entries.values())
      if (entry.server.status === 'BUILD') activate(entry);
  }

  /** Puts a server there that is none of ours, or was left behind. */
  plant(flavor: Flavor, metadata: Readonly<Record<string, string>> = {}): Server {
    const request = { token: '', name: 'planted', flavor, zone: undefined, networks: [], metadata };
    const entry = this.#insert(request, undefined, true);
    activate(entry);
    return entry.server;
  }

  /** Takes a server away behind everybody's back. */
  vanish(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#used = subtractQuota(this.#used, resourcesOf(entry.server.flavor));
    if (entry.token !== undefined) this.#byToken.delete(entry.token);
    entry.cancelTimer();
    entry.settle(
      new CloudError('NP_CLOUD_TRANSIENT', `server ${id} is gone`, { labels: ['retryable'] }),
    );
  }

  create(request: ServerRequest): Server {
    const known = this.#byToken.get(request.token);
    if (known !== undefined) return known.server;
    this.calls.create++;
    this.#refuseUnknownZone(request.zone);
    this.#refuseOverQuota(request.flavor);
    const fault = this.#dice.pick(this.#faults.create, this.calls.create);
    if (fault?.mode === 'before') throw faultError(fault);
    const entry = this.#insert(request, request.token, fault?.mode !== 'no-address');
    if (fault?.mode === 'after-exists') {
      entry.server = { ...entry.server, status: 'ERROR' };
      entry.settle(faultError(fault));
    } else if (fault?.mode !== 'hang' && !this.#isHeld) {
      const delayMs = this.#dice.draw(this.#faults.createDelaySeconds);
      entry.cancelTimer = this.#clock.after(delayMs, () => {
        activate(entry);
      });
    }
    return entry.server;
  }

  async whenActive(id: string, signal: AbortSignal): Promise<Server> {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new CloudError('NP_CLOUD_NOT_FOUND', `no server ${id}`, { labels: ['notFound'] });
    await untilAborted(entry.active, signal);
    return entry.server;
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.calls.delete++;
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const fault = this.#dice.pick(this.#faults.delete, this.calls.delete);
    if (fault?.mode === 'error')
      throw new CloudError('NP_CLOUD_TRANSIENT', `server ${id} was not deleted, on purpose`, {
        labels: ['retryable'],
      });
    if (fault?.mode === 'lie') return;
    if (fault?.mode === 'hang') await untilAborted(new Promise<never>(() => undefined), signal);
    entry.server = { ...entry.server, status: 'DELETING' };
    const delayMs = this.#dice.draw(this.#faults.deleteDelaySeconds);
    if (delayMs > 0) await sleep(this.#clock, delayMs, signal);
    this.vanish(id);
  }

  list(): readonly Server[] {
    this.calls.list++;
    return this.servers.filter(() => !this.#dice.happens(this.#faults.listingMisses));
  }

  limits(): Quota {
    this.calls.limits++;
    return this.#limits;
  }

  #refuseUnknownZone(zone: string | undefined): void {
    if (zone === undefined || ZONES.includes(zone)) return;
    throw new CloudError('NP_CLOUD_FATAL', `the cloud has no zone ${zone}`, {
      hint: `correct availability-zones of the pool: ${ZONES.join(', ')}`,
    });
  }

  #refuseOverQuota(flavor: Flavor): void {
    const [short] = missingFrom(this.#limits, this.#used, resourcesOf(flavor));
    if (short === undefined) return;
    throw new CloudError(
      'NP_CLOUD_QUOTA',
      `quota exceeded: needs ${short.need} ${short.name}, ${short.left} left`,
      { labels: ['quota'] },
    );
  }

  #insert(request: ServerRequest, token: string | undefined, hasAddress: boolean): Entry {
    let settle: Entry['settle'] = () => undefined;
    const active = new Promise<void>((resolve, reject) => {
      settle = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    // Nobody may be waiting when it fails; whoever comes later still sees the failure.
    active.catch(() => undefined);
    const server: Server = {
      id: request.id ?? this.#newId(),
      name: request.name,
      flavor: request.flavor,
      zone: request.zone ?? null,
      metadata: request.metadata,
      addresses: hasAddress ? addressesIn(request.networks) : undefined,
      status: 'BUILD',
    };
    const entry: Entry = { server, token, active, settle, cancelTimer: () => undefined };
    this.#entries.set(server.id, entry);
    this.#used = addQuota(this.#used, resourcesOf(server.flavor));
    if (token !== undefined) this.#byToken.set(token, entry);
    return entry;
  }

  /** 32 hexadecimal digits, as OpenStack's ids without their dashes. */
  #newId(): string {
    const digits = Array.from({ length: 4 }, () =>
      Math.floor(this.#random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    );
    return digits.join('');
  }
}

function activate(entry: Entry): void {
  if (entry.server.status !== 'BUILD') return;
  entry.server = { ...entry.server, status: 'ACTIVE' };
  entry.settle();
}
