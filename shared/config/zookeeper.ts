/**
 * `zookeeper-servers` and `zookeeper-tls`, of the main file or of the secure file over it.
 */
import type { SecureSections, FileSections } from '../../schemas/config/file.ts';
import type { ZooKeeperConfig } from '../../schemas/config/model.ts';
import type { FileFindings } from './findings.ts';

interface Source {
  readonly sections: Pick<FileSections, 'zookeeper-servers' | 'zookeeper-tls'>;
  readonly report: FileFindings;
}

export function readZooKeeper(
  main: Source & { readonly sections: FileSections },
  secure: (Source & { readonly sections: SecureSections }) | undefined,
): ZooKeeperConfig {
  const servers = [secure, main].find(
    (source) => source !== undefined && source.sections['zookeeper-servers'].length > 0,
  );
  const tls = [secure, main].find((source) => isGiven(source?.sections['zookeeper-tls']));
  return {
    servers: readServers(servers ?? main),
    tls: tls === undefined ? undefined : readTls(tls),
    timeoutSeconds: main.sections['zookeeper-timeout'],
  };
}

function isGiven(tls: FileSections['zookeeper-tls']): boolean {
  return tls !== undefined && Object.keys(tls).length > 0;
}

function readServers({ sections, report }: Source): ZooKeeperConfig['servers'] {
  const servers = sections['zookeeper-servers'];
  servers.slice(0, -1).forEach((server, index) => {
    if (server.chroot === undefined || server.chroot === '') return;
    const path = ['zookeeper-servers', index, 'chroot'];
    report(
      'warning',
      path,
      'works only on the last server; Python Nodepool loses the servers after it',
    );
  });
  return servers.map(({ host, port, chroot }) => ({
    host,
    port,
    chroot: chroot === '' ? undefined : chroot,
  }));
}

function readTls({ sections, report }: Source): ZooKeeperConfig['tls'] {
  const tls = sections['zookeeper-tls'] ?? {};
  for (const name of ['cert', 'key', 'ca'] as const)
    if (tls[name] === undefined)
      report('error', ['zookeeper-tls', name], 'is missing: TLS takes cert, key and ca');
  return { cert: tls.cert ?? '', key: tls.key ?? '', ca: tls.ca ?? '' };
}

/** As ZooKeeper clients take it: `host:port,[::1]:port/chroot`. */
export function connectString(servers: ZooKeeperConfig['servers']): string {
  return servers
    .map(({ host, port, chroot }) => {
      const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      return `${name}:${port}${chroot ?? ''}`;
    })
    .join(',');
}
