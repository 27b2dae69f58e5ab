/**
 * A provider of the park: what the launcher asks for.
 *
 *   launch: report the name -> rent the machine -> listings until it runs
 *   delete: give it back -> listings until none shows it
 *
 * The name is made of node id and attempt, and is reported before anything is made. So whatever happens
 * in between, the launcher knows what to delete, and the same launch again finds its own machine.
 */

export class ParkProvider {
  #kit;
  #client;
  #kinds;
  #area;
  #listing;

  constructor(kit, { config, env, client, kinds }) {
    this.#kit = kit;
    this.#client = client;
    this.#kinds = kinds;
    this.#area = config.options.area;
    // One listing a tick for all who wait.
    this.#listing = new kit.SharedListing({
      clock: env.clock,
      pollSeconds: kit.listingSeconds(env.pollSeconds, config.callsPerSecond),
      list: (signal) => client.machines(signal),
    });
    this.leaks = {
      list: async (signal) =>
        [...(await this.#listing.next(signal)).values()].map(({ name, tags }) => ({
          ...{ kind: 'instances', id: name, externalId: name, metadata: tags },
        })),
      delete: ({ id }, signal) => this.delete({ externalId: id }, signal),
    };
  }

  async launch(spec, signal) {
    this.#kit.throwIfAborted(signal);
    const name = `${spec.hostname}-${spec.attempt}`;
    const { kind, disk } = spec.label.options;
    await spec.created(name);
    const { metadata: tags, availabilityZone: zone } = spec;
    const request = { name, type: kind, image: disk, zone, tags };
    if ((await this.#client.create(request, signal)) === undefined)
      await this.#mustBeOurs(name, tags, signal);
    const machine = await this.#untilRunning(name, signal);
    return {
      externalId: name,
      interfaceIp: machine.privateIpv4 ?? null,
      privateIpv4: machine.privateIpv4 ?? null,
      ...{ cloud: 'park', region: this.#area, availabilityZone: machine.zone },
      resources: amounts(machine),
    };
  }

  /** A listing may be old, so the last word is the park's "there is none" to one more deletion. */
  async delete({ externalId: name }, signal) {
    if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) return;
    while (await this.#client.delete(name, signal))
      await this.#listing.until((machines) => !machines.has(name) || undefined, signal);
  }

  async listInstances(signal) {
    const machines = [...(await this.#listing.next(signal)).values()];
    return machines
      .filter(({ state }) => state !== 'deleting')
      .map((one) => ({ externalId: one.name, metadata: one.tags, resources: amounts(one) }));
  }

  async quotaLimits(signal) {
    const { ramMib, ...limits } = await this.#client.limits(signal);
    return { ...limits, ...(ramMib !== undefined && { ram: ramMib }) };
  }

  async quotaForLabel({ name, options }) {
    const kind = this.#kinds.get(options.kind);
    if (kind !== undefined) return amounts(kind);
    const { CloudError, listed } = this.#kit;
    throw new CloudError('NP_CLOUD_FATAL', `the park has no machines of kind ${options.kind}`, {
      hint: `correct kind of label ${name}; there are ${listed([...this.#kinds.keys()])}`,
    });
  }

  availabilityZones(signal) {
    return this.#client.zones(signal);
  }

  /** Disks are not looked for: one that is missing is refused at its first use. */
  isLabelReady() {
    return true;
  }

  async close() {
    this.#listing.close();
    this.#client.close();
  }

  /** What has the name was made by a call whose answer got lost, or by a stranger. */
  async #mustBeOurs(name, tags, signal) {
    const found = await this.#client.machine(name, signal);
    if (found === undefined) throw this.#failed(name, 'it was deleted by somebody else');
    if (!this.#kit.isOfSameNode(found.tags, tags))
      throw new this.#kit.CloudError('NP_CLOUD_FATAL', `machine ${name} is none of ours`);
  }

  async #untilRunning(name, signal) {
    let wasShown = false;
    return this.#listing.until(async (machines) => {
      let machine = machines.get(name);
      // Only what was shown before can have gone, so only then the park is asked for this one.
      if (machine === undefined && !wasShown) return undefined;
      wasShown = true;
      machine ??= await this.#client.machine(name, signal);
      if (machine === undefined || machine.state === 'deleting')
        throw this.#failed(name, 'it was deleted by somebody else');
      if (machine.state === 'failed') throw this.#failed(name, machine.reason ?? 'no reason given');
      return machine.state === 'running' ? machine : undefined;
    }, signal);
  }

  #failed(name, reason) {
    const [code, label] =
      reason === 'no-capacity'
        ? ['NP_CLOUD_CAPACITY', 'capacity']
        : ['NP_CLOUD_TRANSIENT', 'retryable'];
    const { CloudError } = this.#kit;
    return new CloudError(code, `machine ${name} failed: ${reason}`, { labels: [label] });
  }
}

function amounts({ cores, ramMib }) {
  return { instances: 1, cores, ram: ramMib };
}
