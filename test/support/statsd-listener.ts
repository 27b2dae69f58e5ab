/** A statsd that remembers what it is told. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export class StatsdListener {
  /** Without their values: `key|type`. */
  readonly kinds = new Set<string>();
  /** The last value of each. */
  readonly values = new Map<string, string>();
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet) => {
      for (const line of packet.toString().split('\n')) {
        const [, key, value, type] = /^([^:]+):([^|]+)\|(.+)$/.exec(line) ?? [];
        if (key === undefined || value === undefined || type === undefined)
          throw new Error(`no line of statsd: ${line}`);
        this.kinds.add(`${key}|${type}`);
        this.values.set(key, value);
      }
    });
  }

  static async open(): Promise<StatsdListener> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new StatsdListener(socket);
  }

  /** For whoever is to tell it. */
  get environment(): { readonly STATSD_HOST: string; readonly STATSD_PORT: string } {
    return { STATSD_HOST: '127.0.0.1', STATSD_PORT: String(this.#socket.address().port) };
  }

  close(): void {
    this.#socket.close();
  }
}
