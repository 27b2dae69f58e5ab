/**
 * Hosts of static providers that come, go or are described otherwise, and what becomes of their nodes
 * (launcher/inventory: a free node is withdrawn or corrected at once, one in use when it is given back).
 * Pure.
 */
import { isDeepStrictEqual } from 'node:util';

import type { StaticNode, StaticPoolOptions } from '../../../schemas/config/drivers/static.ts';
import type { Config, ProviderConfig } from '../../../schemas/config/model.ts';
import { hostKeyOf, hostOfNode } from '../../rules/nodes/host-of-node.ts';
import type { NodeView } from '../../web/source.ts';
import { sayCount } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';
import { changedOptions } from './options.ts';

interface Host {
  readonly pool: string;
  readonly attributes: unknown;
  readonly host: StaticNode;
}

export function hostChanges(
  before: Config,
  after: Config,
  snapshot: Snapshot | undefined,
): Change[] {
  const nodes = nodesByHost(snapshot);
  const findings = [...after.providers.values()].flatMap((now) => {
    const old = before.providers.get(now.name);
    if (old?.driver !== 'static' || now.driver !== 'static') return [];
    const [was, is] = [hostsOf(old), hostsOf(now)];
    const of = (key: string): readonly NodeView[] => nodes.get(`${now.name}\0${key}`) ?? [];
    return [
      ...added(now.name, [...is].filter(([key]) => !was.has(key)).map(nameOf)),
      ...removed(
        now.name,
        [...was].filter(([key]) => !is.has(key)),
        of,
      ),
      ...[...is].flatMap(([key, host]) => changed(now.name, was.get(key), host)),
    ];
  });
  return changesOf('hosts', findings);
}

function added(provider: string, ids: readonly string[]): Finding[] {
  if (ids.length === 0) return [];
  const text = `${sayCount(ids.length, 'host')} registered when they answer`;
  return [{ mark: '+', code: 'hosts-added', subject: provider, text, ids }];
}

function removed(
  provider: string,
  hosts: readonly (readonly [string, Host])[],
  nodesOf: (key: string) => readonly NodeView[],
): Finding[] {
  if (hosts.length === 0) return [];
  const nodes = hosts.flatMap(([key]) => nodesOf(key));
  const busy = nodes.filter((node) => !isFree(node)).length;
  const free = nodes.length - busy;
  const ends = [
    ...(free > 0 ? [`${sayCount(free, 'free node')} withdrawn at once`] : []),
    ...(busy > 0 ? [`${sayCount(busy, 'node')} in use withdrawn when given back`] : []),
  ];
  const text = [`${sayCount(hosts.length, 'host')} not lent any more`, ...ends].join('; ');
  return [{ mark: '-', code: 'hosts-removed', subject: provider, text, ids: hosts.map(nameOf) }];
}

function changed(provider: string, was: Host | undefined, is: Host): Finding[] {
  if (was === undefined || isDeepStrictEqual(was, is)) return [];
  const own = changedOptions(was.host, is.host);
  const options = [
    ...(was.pool === is.pool ? [] : [`pool ${was.pool} -> ${is.pool}`]),
    ...(isDeepStrictEqual(was.attributes, is.attributes) ? [] : ['node-attributes']),
    ...own.map(optionName),
  ];
  const text = `${options.join(', ')}: a free node follows at once, one in use when it is given back`;
  const ids = [is.host.name];
  return [{ mark: '~', code: 'host-changed', subject: `${provider}: ${is.host.name}`, text, ids }];
}

/** `maxParallelJobs` as it stands in the file. */
function optionName(name: string): string {
  const own = name.replace(/\[.*/, '');
  if (own === 'hostKeys') return 'host-key';
  return own.replace(/Seconds$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Of hosts that stand there twice only the first entry counts. */
function hostsOf({ pools }: ProviderConfig): Map<string, Host> {
  const hosts = new Map<string, Host>();
  for (const { name: pool, options, nodeAttributes: attributes } of pools)
    for (const host of (options as StaticPoolOptions).nodes)
      if (!hosts.has(hostKeyOf(host))) hosts.set(hostKeyOf(host), { pool, attributes, host });
  return hosts;
}

function nodesByHost(snapshot: Snapshot | undefined): Map<string, NodeView[]> {
  return groupBy(
    snapshot?.nodes ?? [],
    ({ record }) => `${record.provider ?? ''}\0${hostOfNode(record)}`,
  );
}

function isFree({ record, isLocked }: NodeView): boolean {
  return record.state === 'ready' && record.allocated_to === null && !isLocked;
}

function nameOf([, { host }]: readonly [string, Host]): string {
  return host.name;
}
