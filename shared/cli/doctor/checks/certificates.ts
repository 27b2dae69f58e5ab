/** Our certificates and those of the servers. */
import { judgeCertificate, judgeOwnFiles, judgeServerTrust } from '../judge/certificates.ts';
import { Skipped, type Finding } from '../model.ts';
import type { Check } from '../run.ts';
import { datesOf, readOwnFiles } from '../zookeeper/certificate-files.ts';
import { nameOf, type Server } from '../zookeeper/look-at-server.ts';
import { shownBy } from '../zookeeper/server-certificate.ts';
import type { TlsFiles } from '../../../zookeeper/tls.ts';

export const certificates: Check = {
  name: 'certificates',
  async run(ground, signal) {
    const { zookeeper, extensions } = await ground.config();
    if (zookeeper.tls === undefined) throw new Skipped('there is no zookeeper-tls');
    const now = ground.context.clock.now() / 1000;
    const files = { ...zookeeper.tls, ...extensions.zookeeper };
    const [own, ...shown] = await Promise.all([
      readOwnFiles(zookeeper.tls),
      ...zookeeper.servers.map((server) => serverFindings(server, files, { now, signal })),
    ]);
    return [
      ...judgeOwnFiles(own.facts),
      ...own.certificates.flatMap((one) => judgeCertificate(one, now)),
      ...shown.flat(),
    ];
  },
};

/** Nothing where it cannot be reached: another check tells. */
async function serverFindings(
  server: Server,
  files: TlsFiles,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<Finding[]> {
  const object = nameOf(server);
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
    const { certificate, ...trust } = await shownBy(server, files, patience);
    return [
      ...judgeCertificate(datesOf(certificate, object, 'server certificate'), now),
      ...judgeServerTrust({ object, ...trust }),
    ];
  } catch {
    return [];
  }
}

const LOOK_MS = 5_000;
