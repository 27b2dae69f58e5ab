/**
 * One launcher of the fleet: a process as it is shipped, with its own way to each member of the
 * ensemble (a proxy that can stall), its own wall clock and its own configuration file, all of which
 * faults lay hands on. Each fault has its undoing; `heal` undoes all.
 */
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startLauncher, type RunningLauncher } from '../../fixtures/launcher/start.ts';
import { startCuttingProxy, type CuttingProxy } from '../../fixtures/proxy/cutting-proxy.ts';
import type { TlsFiles } from '../../shared/zookeeper/tls.ts';
import { eventually } from '../support/eventually.ts';
import { fleetConfig } from './fleet-config.ts';
import { FIRST_VARIANT, type ConfigVariant, type FleetConfigOptions } from './fleet-options.ts';

const CLOCK = resolve(import.meta.dirname, '../../fixtures/launcher/jumping-clock.js');

/** A process on a loaded machine takes its time. */
const START_MS = 30_000;

/** The process looks after its clock each 100 ms, later where the machine is loaded. */
const CLOCK_SETTLES_MS = 5000;

export interface FleetLauncherOptions {
  readonly provider: string;
  readonly workDir: string;
  /** Of the real members, `host:port` each; TLS. */
  readonly zookeeper: readonly string[];
  readonly tls: TlsFiles;
  readonly cloudUrl: string;
  /** The static hosts of its rack. */
  readonly hosts: FleetConfigOptions['hosts'];
}

export class FleetLauncher {
  readonly provider: string;
  /** Processes that ended though nobody had ended them, with their code. */
  readonly surprises: string[] = [];
  readonly #options: FleetLauncherOptions;
  readonly #proxies: readonly CuttingProxy[];
  readonly #configPath: string;
  readonly #clockPath: string;
  #variant = FIRST_VARIANT;
  #running: RunningLauncher | undefined;
  #isEnding = false;
  /** From this time on (`performance.now()`) its wall clock is right. */
  #clockTrusted = 0;

  private constructor(options: FleetLauncherOptions, proxies: readonly CuttingProxy[]) {
    this.#options = options;
    this.#proxies = proxies;
    this.provider = options.provider;
    this.#configPath = join(options.workDir, 'nodepool.yaml');
    this.#clockPath = join(options.workDir, 'clock');
  }

  static async make(options: FleetLauncherOptions): Promise<FleetLauncher> {
    await mkdir(options.workDir, { recursive: true });
    const proxies = await Promise.all(options.zookeeper.map((one) => startCuttingProxy(one)));
    const launcher = new FleetLauncher(options, proxies);
    await launcher.writeConfig(launcher.#goodConfig());
    await launcher.setClock(0);
    return launcher;
  }

  /** Resolves when it has read its configuration: with a broken one it would rightly not start. */
  async start(): Promise<void> {
    if (this.#running?.isRunning === true) return;
    this.#isEnding = false;
    const logPath = join(this.#options.workDir, 'launcher.log');
    const sizeOfLog = async (): Promise<number> =>
      (await stat(logPath).catch(() => undefined))?.size ?? 0;
    const before = await sizeOfLog();
    const running = await startLauncher({
      workDir: this.#options.workDir,
      configPath: this.#configPath,
      args: ['--no-webapp'],
      environment: {
        NODE_OPTIONS: `--import=${pathToFileURL(CLOCK).href}`,
        JUMPING_CLOCK: this.#clockPath,
      },
    });
    this.#running = running;
    void running.ended.then((code) => {
      if (!this.#isEnding) this.surprises.push(`launcher of ${this.provider} ended: ${code}`);
    });
    await eventually(async () => !running.isRunning || (await sizeOfLog()) > before, START_MS);
  }

  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#running?.kill('SIGKILL');
    await this.#running?.ended;
  }

  /** SIGTERM; the exit code. Undefined: it did not run. */
  async stop(): Promise<number | NodeJS.Signals | undefined> {
    if (this.#running?.isRunning !== true) return undefined;
    this.#isEnding = true;
    this.thaw();
    return this.#running.stop();
  }

  /** Sends a signal that it survives. */
  signal(name: 'SIGHUP' | 'SIGUSR2'): void {
    this.#running?.kill(name);
  }

  freeze(): void {
    this.#running?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#running?.kill('SIGCONT');
  }

  /** Nothing goes through between it and ZooKeeper; connections stay open. */
  isolate(): void {
    for (const proxy of this.#proxies) proxy.pause();
  }

  /** The end of it. What was on the way when it began still arrives. */
  reunite(): void {
    for (const proxy of this.#proxies) {
      proxy.resume();
      proxy.refuse(false);
      proxy.delay(0);
    }
  }

  /** Cuts its connections; `forGood` refuses new ones until `reunite`. */
  cut(forGood: boolean): void {
    for (const proxy of this.#proxies) {
      proxy.refuse(forGood);
      proxy.cut();
    }
  }

  /** What ZooKeeper says arrives so much later. */
  delay(ms: number): void {
    for (const proxy of this.#proxies) proxy.delay(ms);
  }

  /** By how much its wall clock is wrong. */
  async setClock(wrongByMs: number): Promise<void> {
    if (wrongByMs !== 0) this.#clockTrusted = Infinity;
    await writeFile(this.#clockPath, String(wrongByMs));
    if (wrongByMs === 0 && this.#clockTrusted === Infinity)
      this.#clockTrusted = performance.now() + CLOCK_SETTLES_MS;
  }

  /** Whether its wall clock may have been wrong at some time since `performance.now()` was this. */
  wasClockWrong(since: number): boolean {
    return this.#clockTrusted > since;
  }

  /** Replaces the configuration file in one step, whatever the text is. */
  async writeConfig(text: string): Promise<void> {
    await writeFile(`${this.#configPath}.new`, text);
    await rename(`${this.#configPath}.new`, this.#configPath);
  }

  async reconfigure(variant: ConfigVariant): Promise<void> {
    this.#variant = variant;
    await this.writeConfig(this.#goodConfig());
  }

  /** Undoes everything and sees to it that the process runs. */
  async heal(): Promise<void> {
    this.reunite();
    this.thaw();
    await this.setClock(0);
    await this.reconfigure(FIRST_VARIANT);
    await this.start();
  }

  async tail(lines: number): Promise<string> {
    return (await this.#running?.tail(lines)) ?? '';
  }

  /** Ends it whatever state it is in. */
  async end(): Promise<void> {
    this.thaw();
    await this.kill();
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }

  #goodConfig(): string {
    const { tls, provider, cloudUrl, hosts } = this.#options;
    const zookeeper = this.#proxies.map(({ host, port }) => `${host}:${port}`);
    return fleetConfig({ zookeeper, tls, provider, cloudUrl, hosts, variant: this.#variant });
  }
}
