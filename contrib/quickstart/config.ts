/** The quickstart's nodepool.yaml: one fake cloud and one real host, as an operator would write it. */
import type { RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';

export interface ConfigFacts {
  readonly zookeeper: RunningZooKeeper;
  readonly webPort: number;
  /** The static node's sshd. */
  readonly ssh: { readonly port: number; readonly hostKeys: readonly string[] };
}

export function quickstartConfig({ zookeeper, webPort, ssh }: ConfigFacts): string {
  const servers = zookeeper.tlsHosts.split(',').map((server) => {
    const [host = '', port = ''] = server.split(':');
    return `  - host: ${host}\n    port: ${port}`;
  });
  return `# Written by the quickstart. Change it while the launcher runs: it is read again.
zookeeper-servers:
${servers.join('\n')}
zookeeper-tls:
  ca: ${zookeeper.tls.ca}
  cert: ${zookeeper.tls.cert}
  key: ${zookeeper.tls.key}

webapp:
  listen_address: 127.0.0.1
  port: ${webPort}

labels:
  - name: small
    min-ready: 1
  - name: large
  - name: metal

providers:
  - name: cloud
    driver: fake
    cloud: fake
    region-name: somewhere
    rate: 0.0001
    cloud-images:
      - name: image
        image-name: Fake Precise
    pools:
      - name: main
        max-servers: 10
        labels:
          - name: small
            cloud-image: image
            min-ram: 2048
          - name: large
            cloud-image: image
            min-ram: 8192

  - name: rack
    driver: static
    pools:
      - name: main
        nodes:
          - name: 127.0.0.1
            labels: [metal]
            username: zuul
            connection-port: ${ssh.port}
            max-parallel-jobs: 2
            host-key:
${ssh.hostKeys.map((key) => `              - ${key}`).join('\n')}
`;
}
