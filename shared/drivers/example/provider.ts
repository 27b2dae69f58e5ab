/**
 * A provider of the example cloud: what the launcher asks for, in the calls of `client.ts`.
 *
 *   launch: report the name -> create the machine -> listings until it runs -> give it an address
 *   delete: the address -> the machine -> listings until none shows it
 *
 * The name is made of node id and attempt, and is reported before anything is made. So whatever
 * happens in between, a crash or a lost answer, the launcher knows what to delete, and the same
 * launch again finds its own machine instead of making a second one.
 */
import type { Quota } from '../../../schemas/quota.ts';
import type {
  ExampleCloudImageOptions,
  ExampleLabelOptions,
  ExampleOptions,
} from '../../../schemas/config/drivers/example.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import { isOfSameNode } from '../../cloud/tags.ts';
import type {
  DeleteTarget,
  DriverEnv,
  ExternalId,
  Instance,
  LaunchSpec,
  LeakableResource,
  LeakCollector,
  ListedInstance,
  Provider,
} from '../driver.ts';
import type { Address, ExampleClient, Machine, MachineType } from './client.ts';
import { failedMachineError } from './errors.ts';

export interface ExampleProviderOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly client: ExampleClient;
  /** Kinds of machines by name. */
  readonly types: ReadonlyMap<string, MachineType>;
}

export class ExampleProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly #config: ProviderConfig;
  readonly #client: ExampleClient;
  readonly #types: ReadonlyMap<string, MachineType>;
  readonly #listing: SharedListing<ReadonlyMap<string, Machine>>;

  constructor({ config, env, client, types }: ExampleProviderOptions) {
    this.#config = config;
    this.#client = client;
    this.#types = types;
    this.#listing = new SharedListing({
      clock: env.clock,
      // Listings get at most half of the calls: the other half is for what they wait for.
      pollSeconds: Math.max(env.pollSeconds, 2 / config.callsPerSecond),
      list: (signal) => client.machines(signal),
    });
    this.leaks = {
      list: (signal) => this.#listLeakable(signal),
      delete: (resource, signal) => this.#deleteLeaked(resource, signal),
    };
  }

  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const name = `${spec.hostname}-${spec.attempt}`;
    await spec.created(name);
    await this.#create(name, spec, signal);
    const machine = await this.#untilRunning(name, signal);
    const { metadata: tags } = spec;
    const address = spec.pool.useInternalIp
      ? undefined
      : await this.#client.createAddress({ name, machine: name, tags }, signal);
    return this.#instanceOf(machine, address);
  }

  async delete(target: DeleteTarget, signal: AbortSignal): Promise<void> {
    const { externalId } = target;
    if (!isName(externalId)) return;
    await this.#client.deleteAddress(externalId, signal);
    await this.#deleteMachine(externalId, signal);
  }

  async listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const machines = await this.#listing.next(signal);
    return [...machines.values()]
      .filter(({ state }) => state !== 'deleting')
      .map((machine) => ({
        externalId: machine.name,
        metadata: machine.tags,
        resources: resourcesOf(machine),
      }));
  }

  async quotaLimits(signal: AbortSignal): Promise<Quota> {
    const { instances, cores, ramMib } = await this.#client.limits(signal);
    return {
      ...(instances !== undefined && { instances }),
      ...(cores !== undefined && { cores }),
      ...(ramMib !== undefined && { ram: ramMib }),
    };
  }

  async quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    await Promise.resolve();
    throwIfAborted(signal);
    const { instanceType } = label.options as ExampleLabelOptions;
    const type = this.#types.get(instanceType);
    if (type === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `the cloud has no machine type ${instanceType}`, {
        hint: `correct instance-type of label ${label.name}: ${[...this.#types.keys()].join(', ')}`,
      });
    return resourcesOf(type);
  }

  availabilityZones(signal: AbortSignal): Promise<readonly string[]> {
    return this.#client.zones(signal);
  }

  /** Images are not looked for: one that is missing is refused at its first use. */
  isLabelReady(label: PoolLabel): boolean {
    return label.cloudImage !== undefined && this.#config.cloudImages.has(label.cloudImage);
  }

  async consoleLog(externalId: ExternalId, signal: AbortSignal): Promise<string | undefined> {
    return isName(externalId) ? this.#client.consoleLog(externalId, signal) : undefined;
  }

  close(): Promise<void> {
    this.#listing.close();
    this.#client.close();
    return Promise.resolve();
  }

  async #create(name: string, spec: LaunchSpec, signal: AbortSignal): Promise<void> {
    const { label, metadata: tags, availabilityZone: zone } = spec;
    const image = this.#config.cloudImages.get(label.cloudImage ?? '');
    const { imageId, key } = (image?.options ?? {}) as Partial<ExampleCloudImageOptions>;
    if (imageId === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no image with an image-id`);
    const { instanceType: type } = label.options as ExampleLabelOptions;
    const request = { name, type, image: imageId, key, zone, tags };
    if (await this.#client.createMachine(request, signal)) return;
    // Made already: by a call whose answer got lost, or by a stranger.
    const found = await this.#client.machine(name, signal);
    if (found === undefined) throw failedMachineError(name, 'it was deleted by somebody else');
    if (!isOfSameNode(found.tags, tags))
      throw new CloudError('NP_CLOUD_FATAL', `machine ${name} exists and is none of ours`);
  }

  async #untilRunning(name: string, signal: AbortSignal): Promise<Machine> {
    let wasShown = false;
    return this.#listing.until(async (machines) => {
      let machine = machines.get(name);
      // Not shown yet, or not any more? Only what was shown can have gone, so only then we ask.
      if (machine === undefined && !wasShown) return undefined;
      wasShown = true;
      machine ??= await this.#client.machine(name, signal);
      if (machine === undefined || machine.state === 'deleting')
        throw failedMachineError(name, 'it was deleted by somebody else');
      if (machine.state === 'failed')
        throw failedMachineError(name, machine.reason ?? 'no reason given');
      return machine.state === 'running' ? machine : undefined;
    }, signal);
  }

  /** A listing may be old, so the last word is the cloud's "there is none" to one more deletion. */
  async #deleteMachine(name: string, signal: AbortSignal): Promise<void> {
    while (await this.#client.deleteMachine(name, signal))
      await this.#listing.until((machines) => !machines.has(name) || undefined, signal);
  }

  async #listLeakable(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const machines = await this.#listing.next(signal);
    const addresses = await this.#client.addresses(signal);
    return [
      ...[...machines.values()].map((one) => leakable('instances', one)),
      ...addresses.map((one) => leakable('addresses', one)),
    ];
  }

  async #deleteLeaked(resource: LeakableResource, signal: AbortSignal): Promise<void> {
    if (resource.kind === 'instances') await this.#deleteMachine(resource.id, signal);
    else await this.#client.deleteAddress(resource.id, signal);
  }

  #instanceOf(machine: Machine, address: Address | undefined): Instance {
    const { region, project } = this.#config.options as ExampleOptions;
    const privateIpv4 = machine.privateIpv4 ?? null;
    return {
      externalId: machine.name,
      interfaceIp: address?.ip ?? privateIpv4,
      publicIpv4: address?.ip ?? null,
      privateIpv4,
      cloud: project ?? null,
      region: region ?? null,
      availabilityZone: machine.zone,
      resources: resourcesOf(machine),
    };
  }
}

/** Ids of other kinds are none of this cloud; nothing that is ours could be found under them. */
function isName(externalId: ExternalId): externalId is string {
  return typeof externalId === 'string' && /^[a-z][a-z0-9-]*$/.test(externalId);
}

function resourcesOf({ cores, ramMib }: { cores: number; ramMib: number }): Quota {
  return { instances: 1, cores, ram: ramMib };
}

function leakable(kind: string, one: Machine | Address): LeakableResource {
  return { kind, id: one.name, metadata: one.tags };
}
