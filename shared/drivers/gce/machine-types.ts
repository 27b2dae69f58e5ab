/** Machine types that have been asked for, kept: they do not change. */
import { CloudError } from '../../base/errors.ts';
import { SharedCalls } from '../../cloud/shared-calls.ts';
import type { MachineType, MachineTypes } from './client/machine-types.ts';

/** More than any zone has; custom types make more of them. The oldest are forgotten. */
const MOST_TYPES = 1000;

export class KnownTypes {
  readonly #source: Pick<MachineTypes, 'get'>;
  readonly #zone: string;
  readonly #known = new Map<string, MachineType>();
  readonly #calls = new SharedCalls<MachineType | undefined>();

  constructor(source: Pick<MachineTypes, 'get'>, zone: string) {
    this.#source = source;
    this.#zone = zone;
  }

  /** Undefined: the zone has none of the name (any more). */
  async get(name: string, signal: AbortSignal): Promise<MachineType | undefined> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = await this.#calls.run(name, signal, (inner) => this.#source.get(name, inner));
    if (found !== undefined) this.#keep(name, found);
    return found;
  }

  /** @throws CloudError NP_CLOUD_FATAL where the zone has none of the name. */
  async wanted(name: string, label: string, signal: AbortSignal): Promise<MachineType> {
    const found = await this.get(name, signal);
    if (found !== undefined) return found;
    const text = `label ${label}: zone ${this.#zone} has no machine type ${name}`;
    throw new CloudError('NP_CLOUD_FATAL', text, {
      hint: `\`gcloud compute machine-types list --zones ${this.#zone}\` says which there are`,
    });
  }

  #keep(name: string, type: MachineType): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < MOST_TYPES) break;
      this.#known.delete(oldest);
    }
    this.#known.set(name, type);
  }
}
