/**
 * Metrics sent to statsd, in the original's words.
 *
 * Nothing is promised about delivery: packets go over UDP, a failing network is logged once a
 * minute, and what cannot be sent is dropped. Without STATSD_HOST and STATSD_PORT nothing happens.
 * Wire forms follow the Python client `statsd`: timers with six decimals, a negative gauge as two
 * lines, no limit as `inf`.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { statsdKey, type Counter, type Gauge, type Labels, type Timer } from './metric.ts';
import { noMetrics, type Metrics } from './metrics.ts';

export interface StatsdOptions {
  readonly host: string;
  /** Default 8125. */
  readonly port?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** As the original reads the environment: either variable turns metrics on. */
export function metricsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: { clock: Clock; log: Logger },
): Metrics {
  const { STATSD_HOST: host, STATSD_PORT: port } = environment;
  if (!host && !port) return noMetrics;
  const number = Number(port ?? DEFAULT_PORT);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    options.log.error('STATSD_PORT is no port; metrics are off', { port });
    return noMetrics;
  }
  return new StatsdMetrics({ host: host ?? 'localhost', port: number, ...options });
}

const DEFAULT_PORT = 8125;
/** The original's size of a datagram; it passes every network. */
const MAX_PACKET_BYTES = 512;
/** Lines wait so long for company. */
const BATCH_MS = 50;
/** Packets that may wait for a name to be resolved; older ones go first. */
const MAX_WAITING_PACKETS = 1000;
/** Pause before the host's name is resolved again after a failure, and between two complaints. */
const RETRY_MS = 60_000;

export class StatsdMetrics implements Metrics {
  readonly takesGauges = true;
  readonly #options: StatsdOptions;
  #socket: Socket | undefined;
  #state: 'idle' | 'connecting' | 'open' | 'closed' = 'idle';
  #packet = '';
  #waiting: string[] = [];
  #cancelTimer: (() => void) | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: StatsdOptions) {
    this.#options = options;
  }

  increment<L extends string>(metric: Counter<L>, labels: Labels<NoInfer<L>>, count = 1): void {
    const key = statsdKey(metric, labels);
    if (key !== undefined) this.#add(`${safeKey(key)}:${numberOf(count)}|c`);
  }

  gauge<L extends string>(metric: Gauge<L>, labels: Labels<NoInfer<L>>, value: number): void {
    const key = statsdKey(metric, labels);
    if (key === undefined) return;
    const name = safeKey(key);
    // A sign means "relative" to statsd, so a negative value is set in two steps.
    if (value < 0) this.#add(`${name}:0|g\n${name}:${numberOf(value)}|g`);
    else this.#add(`${name}:${numberOf(value)}|g`);
  }

  timing<L extends string>(metric: Timer<L>, labels: Labels<NoInfer<L>>, ms: number): void {
    const key = statsdKey(metric, labels);
    if (key !== undefined) this.#add(`${safeKey(key)}:${ms.toFixed(6)}|ms`);
  }

  async close(): Promise<void> {
    this.#flush();
    const socket = this.#socket;
    this.#state = 'closed';
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      socket.close(() => {
        resolve();
      });
    });
  }

  #add(line: string): void {
    if (this.#state === 'closed') return;
    if (this.#packet !== '' && this.#packet.length + 1 + line.length > MAX_PACKET_BYTES)
      this.#flush();
    this.#packet = this.#packet === '' ? line : `${this.#packet}\n${line}`;
    this.#cancelTimer ??= this.#options.clock.after(BATCH_MS, () => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#packet === '') return;
    this.#waiting.push(this.#packet);
    this.#packet = '';
    if (this.#waiting.length > MAX_WAITING_PACKETS) this.#waiting.shift();
    if (this.#state === 'open') this.#send();
    else if (this.#state === 'idle') this.#connect();
  }

  #send(): void {
    const packets = this.#waiting;
    this.#waiting = [];
    for (const packet of packets) {
      this.#socket?.send(packet, (error) => {
        if (error) this.#failed(error);
      });
    }
  }

  /** Resolves the name once, as the original does at its start. */
  #connect(): void {
    if (this.#options.clock.monotonic() - this.#failedAt < RETRY_MS) return;
    const socket = createSocket('udp4');
    this.#socket = socket;
    this.#state = 'connecting';
    socket.unref();
    socket.on('error', (error) => {
      this.#failed(error);
      if (this.#state !== 'connecting') return;
      this.#state = 'idle';
      this.#socket = undefined;
      socket.close();
    });
    // Not as a callback: that would be called for a name that leads nowhere, too.
    socket.once('connect', () => {
      if (this.#state !== 'connecting') return;
      this.#state = 'open';
      this.#send();
    });
    socket.connect(this.#options.port ?? DEFAULT_PORT, this.#options.host);
  }

  #failed(error: Error): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#failedAt < RETRY_MS) return;
    this.#failedAt = now;
    this.#options.log.warn('metrics cannot be sent', {
      host: this.#options.host,
      reason: messageOf(error),
    });
  }
}

/** Only what would break the wire format is replaced: dots in provider names open levels. */
function safeKey(key: string): string {
  return key.replaceAll(/[:|@\s]/g, '_');
}

function numberOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return String(value);
}
