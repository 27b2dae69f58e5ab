/**
 * The top level of nodepool.yaml and of the secure file.
 *
 * Facts: nodepool/config.py and nodepool/cmd/config_validator.py.
 */
import { z } from 'zod';

import { diskimageSchema, envVars } from './diskimage.ts';
import { extensionsSchema } from './extensions.ts';
import { fraction, loose, sections, text, whole, withFacts } from './kit.ts';

const zookeeperServers = z
  .array(
    z.strictObject({
      host: loose('Host name or address.'),
      port: whole('Port of the server.').default(2281),
      chroot: text('Path below which everything is kept. Give it to the last server.').optional(),
    }),
  )
  .describe('ZooKeeper servers. Those of the secure file replace these.');

const zookeeperTls = z
  .strictObject({
    cert: text('File with the client certificate, PEM.').optional(),
    key: text('File with its private key, PEM.').optional(),
    ca: text('File with the certificates to trust, PEM.').optional(),
  })
  .describe('TLS towards ZooKeeper. That of the secure file replaces this one as a whole.');

const label = z.strictObject({
  name: loose('Unique name. Each label that a provider offers must be here.'),
  'min-ready': whole('Ready nodes to keep in stock.').default(0),
  'max-ready-age': whole('Seconds after which a ready node is deleted. 0: never.').default(0),
});

const tenantLimits = z
  .object({
    'tenant-name': loose('Name of the tenant in Zuul.'),
    'max-servers': whole('Most nodes at once.').optional(),
    'max-cores': whole('Most cores at once.').optional(),
    'max-ram': whole('Most memory at once, in MiB.').optional(),
    'max-volumes': whole('Most volumes at once.').optional(),
    'max-volume-gb': whole('Most volume space at once, in GB.').optional(),
  })
  .catchall(whole('Limit of another resource, such as an AWS quota code.'));

/** Providers are looked at by their driver's schema; here only that they are sections. */
export const anyProvider = z.record(z.string(), z.unknown());

export const fileSchema = z.strictObject({
  webapp: z
    .strictObject({
      port: whole("Port of the launcher's web server.").default(8005),
      listen_address: text('Address to listen on.').default('0.0.0.0'),
    })
    .describe("The launcher's web server. Read once, at start.")
    .prefault({}),
  'elements-dir': text('Directory of diskimage-builder elements (`ELEMENTS_PATH`).').optional(),
  'images-dir': text('Directory of built images; the builder needs it.').optional(),
  'build-log-dir': text('Directory of build logs.').default('/var/log/nodepool/builds'),
  'build-log-retention': whole('Build logs to keep per image. Negative: all.').default(7),
  'zookeeper-servers': zookeeperServers.default([]),
  'zookeeper-tls': zookeeperTls.optional(),
  'zookeeper-timeout': withFacts(
    fraction('Session timeout of ZooKeeper, in seconds. Read once, at start.').default(10),
    { mustNotBeEmpty: true },
  ),
  labels: z.array(label).describe('Labels that requests may ask for.').default([]),
  'max-hold-age': whole('Seconds after which a held node is deleted. 0 or less: never.').optional(),
  diskimages: z.array(diskimageSchema).describe('Images that the builder makes.').default([]),
  providers: z.array(anyProvider).describe('Where nodes come from.').default([]),
  'tenant-resource-limits': z
    .array(tenantLimits)
    .describe('Limits of resources that one tenant uses at once, over all providers.')
    .default([]),
  extensions: extensionsSchema
    .describe('Options that Python Nodepool does not have; it ignores this key.')
    .prefault({}),
});

export const secureFileSchema = z.object({
  'zookeeper-servers': zookeeperServers.default([]),
  'zookeeper-tls': zookeeperTls.optional(),
  diskimages: sections(
    z.object({ name: text('A top-level disk image, not abstract.'), 'env-vars': envVars }),
    'Secret environment variables of builds.',
  ).default([]),
});

export type FileSections = z.output<typeof fileSchema>;
export type SecureSections = z.output<typeof secureFileSchema>;
