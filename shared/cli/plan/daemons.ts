/**
 * Options that the daemons read once, when they start (launcher/daemon.ts, builder/daemon.ts,
 * shared/daemon): a change of them waits for a restart. All others are followed. Pure.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Config } from '../../../schemas/config/model.ts';
import { connectString } from '../../config/zookeeper.ts';
import { changesOf, type Change, type Finding } from './model.ts';

type Who = 'launchers' | 'builders' | 'launchers and builders';

interface Option {
  readonly name: string;
  readonly of: (config: Config) => unknown;
  readonly who: Who;
}

const READ_ONCE: readonly Option[] = [
  { name: 'webapp', of: (config) => config.webapp, who: 'launchers' },
  {
    name: 'zookeeper-tls',
    of: (config) => config.zookeeper.tls,
    who: 'launchers and builders',
  },
  {
    name: 'zookeeper-timeout',
    of: (config) => config.zookeeper.timeoutSeconds,
    who: 'launchers and builders',
  },
  {
    name: 'extensions.zookeeper',
    of: (config) => config.extensions.zookeeper,
    who: 'launchers and builders',
  },
  {
    name: 'extensions.log',
    of: (config) => config.extensions.log,
    who: 'launchers and builders',
  },
  { name: 'images-dir', of: (config) => config.imagesDir, who: 'builders' },
  { name: 'elements-dir', of: (config) => config.elementsDir, who: 'builders' },
  { name: 'build-log-dir', of: (config) => config.buildLogDir, who: 'builders' },
  { name: 'build-log-retention', of: (config) => config.buildLogRetention, who: 'builders' },
  {
    name: 'extensions.builder',
    // Whether images follow their inputs is looked at each time.
    of: ({ extensions: { builder } }) => ({ ...builder, isRebuiltOnChange: undefined }),
    who: 'builders',
  },
];

export function daemonChanges(before: Config, after: Config): Change[] {
  const findings = READ_ONCE.filter(
    (option) => !isDeepStrictEqual(option.of(before), option.of(after)),
  ).map(({ name, who }): Finding => ({
    ...{ mark: '~', code: 'needs-restart', subject: name },
    text: `takes effect when the ${who} are restarted`,
  }));
  return changesOf('daemons', [...serverChanges(before, after), ...findings]);
}

function serverChanges(before: Config, after: Config): Finding[] {
  const [old, now] = [before.zookeeper.servers, after.zookeeper.servers];
  if (isDeepStrictEqual(old, now)) return [];
  const subject = 'zookeeper-servers';
  if (now.length === 0 || chrootOf(old) !== chrootOf(now)) {
    const what = now.length === 0 ? 'names no server any more' : 'has another chroot';
    return [
      {
        ...{ mark: '~', code: 'cannot-be-followed', subject },
        text: `${what}: running launchers and builders apply nothing of the file, and after a restart they find none of the records of now`,
        is_loss: true,
      },
    ];
  }
  const text = `becomes ${connectString(now)}: followed at the next connection; all of them must be of the same ensemble`;
  return [{ mark: '~', code: 'servers-changed', subject, text }];
}

function chrootOf(servers: Config['zookeeper']['servers']): string {
  const text = connectString(servers);
  const slash = text.indexOf('/');
  return slash < 0 ? '' : text.slice(slash).replace(/\/+$/, '');
}
