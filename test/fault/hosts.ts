/**
 * The static hosts of a fault run: SSH servers in this process, each behind a way that can be cut, so
 * that a host that comes back has the keys that it had.
 */
import { startCuttingProxy, type CuttingProxy } from '../../fixtures/proxy/cutting-proxy.ts';
import { startSshServer, type RunningSshServer } from '../../fixtures/ssh/server.ts';

export class Host {
  readonly #server: RunningSshServer;
  readonly #way: CuttingProxy;

  private constructor(server: RunningSshServer, way: CuttingProxy) {
    this.#server = server;
    this.#way = way;
  }

  static async start(): Promise<Host> {
    const server = await startSshServer();
    return new Host(server, await startCuttingProxy(`127.0.0.1:${server.port}`));
  }

  /** Where launchers find it, on 127.0.0.1. */
  get port(): number {
    return this.#way.port;
  }

  get hostKeys(): readonly string[] {
    return this.#server.hostKeys;
  }

  /** Refuses connections, and ends those that there are. */
  refuse(): void {
    this.#way.refuse(true);
    this.#way.cut();
  }

  /** Accepts connections and says nothing. */
  silence(): void {
    this.#way.pause();
  }

  /** Answers so much later. */
  slow(ms: number): void {
    this.#way.delay(ms);
  }

  /** Undoes all of it. */
  restore(): void {
    this.#way.refuse(false);
    this.#way.resume();
    this.#way.delay(0);
  }

  async stop(): Promise<void> {
    this.restore();
    await this.#way.close();
    await this.#server.stop();
  }
}
