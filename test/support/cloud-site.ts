/** A cloud in memory over HTTP, and launchers with a provider of it: what is the same of every driver. */
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Holdable, NamedFault } from '../../fixtures/cloud-steering.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import { eventually } from './eventually.ts';
import { config, play, type Scene } from './launcher-scene.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What goes wrong with calls to every cloud in memory. */
export interface CloudFault extends NamedFault {
  readonly mode: 'fail' | 'hang' | 'lose';
  /** Of `fail`; default 500. */
  readonly status?: number;
  /** The cloud's name of the refusal, where its answers have one. */
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What tests of every driver steer in its cloud. */
export interface SteeredCloud {
  readonly calls: readonly string[];
  readonly armed: number;
  onCall: ((call: string) => void) | undefined;
  arm(fault: CloudFault): void;
  hold(what: Holdable): void;
  release(what: Holdable): void;
}

/** A provider with one pool. */
export interface CloudProviderOptions {
  /** Default: the site's. */
  readonly name?: string;
  /** Options by label. Default: `small`, with nothing special. */
  readonly labels?: Readonly<Record<string, Fields>>;
  readonly provider?: Fields;
  readonly pool?: Fields;
}

/** What a cloud's providers say if a test says nothing else. */
export interface ProviderBase {
  readonly name: string;
  readonly provider: Fields;
  readonly pool?: Fields;
  readonly label: (fields: Fields) => Fields;
}

export function cloudProvider(base: ProviderBase, options: CloudProviderOptions): Fields {
  const { name = base.name, labels = { small: {} }, provider, pool } = options;
  const entries = Object.entries(labels).map(([label, fields]) => ({
    name: label,
    'cloud-image': 'image',
    ...base.label(fields),
    ...fields,
  }));
  const common = { name: 'main', 'max-servers': 5, 'host-key-checking': false };
  return {
    name,
    'launch-retries': 1,
    ...base.provider,
    ...provider,
    pools: [{ ...common, ...base.pool, ...pool, labels: entries }],
  };
}

export interface PlayOptions {
  /** Default: the site's own. */
  readonly providers?: readonly Fields[];
  /** Seconds, beside short ones for all that a node's life waits for. */
  readonly intervals?: Readonly<Record<string, number>>;
}

export interface SiteParts<C> {
  readonly cloud: C;
  readonly server: { close(): Promise<void> };
  /** Goes with the site. */
  readonly folder: string;
  /** By its name in the configuration. */
  readonly drivers: Readonly<Record<string, Driver>>;
}

export abstract class CloudSite<C extends SteeredCloud = SteeredCloud> {
  readonly cloud: C;
  readonly #parts: SiteParts<C>;

  protected constructor(parts: SiteParts<C>) {
    this.cloud = parts.cloud;
    this.#parts = parts;
  }

  /** Of the environment of launchers. */
  get environment(): Readonly<Record<string, string>> {
    return {};
  }

  abstract provider(options?: CloudProviderOptions): Fields;

  /** How many there are of each kind of thing that costs. */
  protected abstract costs(): Readonly<Record<string, number>>;

  /** Runs a test's steps on a scene with a launcher before the cloud. */
  play(steps: (scene: Scene) => Promise<void>, options: PlayOptions = {}): Promise<void> {
    const { providers = [this.provider()], intervals = {} } = options;
    const short = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'image-check': 0.2 };
    return play(
      config({ providers, extra: { extensions: { intervals: { ...short, ...intervals } } } }),
      steps,
      { environment: this.environment, drivers: this.#parts.drivers },
    );
  }

  /** Until nothing that costs is left in the cloud. */
  untilEmpty(): Promise<void> {
    return eventually(() => {
      const left = Object.entries(this.costs()).filter(([, count]) => count > 0);
      assert.deepEqual(left, []);
    });
  }

  async close(): Promise<void> {
    await this.#parts.server.close();
    await rm(this.#parts.folder, { recursive: true, force: true });
  }
}

/** As an operator does, whole at once. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
