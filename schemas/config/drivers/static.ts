/**
 * Provider sections of `static`: hosts that exist anyway.
 *
 * Facts: nodepool/driver/static/config.py.
 */
import { z } from 'zod';

import { flag, loose, sections, text, whole, withFacts } from '../kit.ts';
import type { Path } from '../kit.ts';
import { plainLabel, requireLabel } from './parts/label.ts';
import { limitsOf, poolList, poolOptions, poolReading, poolReadings } from './parts/pool.ts';
import { fixedTiming, providerOptions } from './parts/provider.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const textOrTexts = () => z.union([z.string(), z.array(z.string())]);

const notNull = <S extends z.ZodType>(one: S): S => withFacts(one, { mustNotBeEmpty: true });

const node = () =>
  z.strictObject({
    name: loose('Host name or address. With username and port it is the identity of the host.'),
    labels: textOrTexts().describe('Labels of the host, as a list. One text is one label.'),
    username: loose('User to log in as.').default('zuul'),
    timeout: notNull(whole('Seconds for the check whether the host lives.').default(5)),
    'host-key-checking': flag('Read the host keys. Off: the host is taken to be alive.').default(
      true,
    ),
    'host-key': textOrTexts()
      .describe('Host keys that the host must show. Default: any.')
      .default([]),
    'connection-port': notNull(whole('Port to connect to. Default: 22.').optional()),
    'ssh-port': whole('Old name of `connection-port`.').optional(),
    'connection-type': text('How to connect: `ssh`, `winrm`, ...').default('ssh'),
    'shell-type': text("Shell of the node, as Ansible's `ansible_shell_type`.").optional(),
    'python-path': text('Python on the node; `auto` lets Ansible find it.').default('auto'),
    'max-parallel-jobs': notNull(
      whole('Nodes that the host is lent as at the same time.').default(1),
    ),
  });

const pool = () =>
  z.strictObject({
    ...poolOptions,
    nodes: sections(node(), 'Hosts of the pool.').default([]),
  });

const schema = () => z.strictObject({ ...providerOptions, pools: poolList(pool()).default([]) });

type Section = z.output<ReturnType<typeof schema>>;
type Node = z.output<ReturnType<typeof node>>;

/** One host. */
export interface StaticNode {
  readonly name: string;
  /** As they stand on the node. */
  readonly labels: readonly string[];
  readonly username: string;
  readonly timeoutSeconds: number;
  readonly hostKeyChecking: boolean;
  readonly hostKeys: readonly string[];
  readonly connectionPort: number;
  readonly connectionType: string;
  readonly shellType: string | undefined;
  readonly pythonPath: string;
  readonly maxParallelJobs: number;
}

export interface StaticPoolOptions {
  readonly nodes: readonly StaticNode[];
}

function asList(value: string | readonly string[]): readonly string[] {
  if (typeof value !== 'string') return value;
  return value === '' ? [] : [value];
}

function readNode(one: Node): StaticNode {
  return {
    name: one.name,
    labels: asList(one.labels),
    username: one.username,
    timeoutSeconds: one.timeout,
    hostKeyChecking: one['host-key-checking'],
    hostKeys: asList(one['host-key']),
    connectionPort: one['connection-port'] ?? one['ssh-port'] ?? 22,
    connectionType: one['connection-type'],
    shellType: one['shell-type'],
    pythonPath: one['python-path'],
    maxParallelJobs: one['max-parallel-jobs'],
  };
}

/** A text of several labels registers each of them, although the node then carries the whole text. */
function offered(entry: Node, path: Path, context: ReadContext): readonly string[] {
  if (typeof entry.labels !== 'string') {
    entry.labels.forEach((name, index) => {
      requireLabel(name, [...path, 'labels', index], context);
    });
    return entry.labels;
  }
  const names = entry.labels.split(/\s+/).filter((name) => name !== '');
  for (const name of names) requireLabel(name, [...path, 'labels'], context);
  if (names.length > 1)
    context.warn([...path, 'labels'], 'is one label with blanks in it: write a list of labels');
  return names;
}

function read(section: Section, context: ReadContext) {
  const pools = poolReadings(section.pools, context, (one, path) => {
    const names = one.nodes.flatMap((entry, place) =>
      offered(entry, [...path, 'nodes', place], context),
    );
    const options: StaticPoolOptions = { nodes: one.nodes.map(readNode) };
    const labels = names.map((name) =>
      plainLabel(name, { hostKeyChecking: true, options: undefined }),
    );
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: new Map(labels.map((label) => [label.name, label])),
      options,
    });
  });
  return { ...NO_IMAGES, ...fixedTiming, launchRetries: 1, pools, options: undefined };
}

export const staticSection: AnyDriverSection = defineDriver({
  name: 'static',
  about: 'Hosts that exist anyway and are lent as nodes.',
  managesImages: false,
  schema,
  read,
});
