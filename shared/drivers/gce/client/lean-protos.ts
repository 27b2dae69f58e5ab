/**
 * Google describes its whole API in one file of twelve megabytes, and its library would build all of it:
 * most of a second, and seventy megabytes. What the methods that we call do not reach is left out.
 * Pure.
 */
import { InvariantError } from '../../../base/errors.ts';

/** A part of protobuf's description in JSON, as far as it matters here. */
export interface Described {
  readonly nested?: Readonly<Record<string, Described>>;
  readonly fields?: Readonly<Record<string, { readonly type: string }>>;
  readonly methods?: Readonly<
    Record<string, { readonly requestType: string; readonly responseType: string }>
  >;
}

/** By service. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  Instances: ['List', 'Get', 'Insert', 'Delete'],
  MachineTypes: ['Get'],
  Images: ['GetFromFamily'],
  Regions: ['Get'],
  ZoneOperations: ['List', 'Get'],
};

const PLACE = ['google', 'cloud', 'compute', 'v1'];

/** What stands outside of the Compute Engine is small, and stays. */
export function leanProtos<T extends Described>(whole: T): T {
  return { ...whole, ...within(whole, PLACE) };
}

function within(node: Described, [name, ...rest]: readonly string[]): Described {
  if (name === undefined) return reached(node.nested ?? {}, node);
  const inner = node.nested?.[name];
  if (inner === undefined) throw new InvariantError(`Google's library describes no ${name}`);
  // Beside the version that we speak stand others.
  const others = rest.length === 0 ? {} : node.nested;
  return { ...node, nested: { ...others, [name]: within(inner, rest) } };
}

/** The services, of each the methods that are called, and all that these take and give. */
function reached(all: Readonly<Record<string, Described>>, node: Described): Described {
  const kept: Record<string, Described> = {};
  const open: string[] = [];
  for (const [service, names] of Object.entries(METHODS)) {
    const methods = Object.entries(all[service]?.methods ?? {}).filter(([name]) =>
      names.includes(name),
    );
    if (methods.length < names.length)
      throw new InvariantError(`Google's library describes less of ${service} than we call`);
    kept[service] = { ...all[service], methods: Object.fromEntries(methods) };
    open.push(...methods.flatMap(([, one]) => [one.requestType, one.responseType]));
  }
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    const name = type.slice(type.lastIndexOf('.') + 1);
    const found = all[name];
    if (found === undefined || name in kept) continue;
    kept[name] = found;
    open.push(...typesOf(found));
  }
  return { ...node, nested: kept };
}

function typesOf({ fields = {}, nested = {} }: Described): readonly string[] {
  return [
    ...Object.values(fields).map(({ type }) => type),
    ...Object.values(nested).flatMap(typesOf),
  ];
}
