/** What tells the configuration of one launcher of a fault run from that of another. */
import type { TlsFiles } from '../../shared/zookeeper/tls.ts';

/** What a reload changes; nothing of it may disturb anybody. */
export interface ConfigVariant {
  readonly launchTimeoutSeconds: number;
  readonly maxConcurrency: number;
  readonly priority: number;
  /** What static hosts serve besides `metal`. Nobody asks for it. */
  readonly furtherLabels: readonly string[];
}

export const FIRST_VARIANT: ConfigVariant = {
  launchTimeoutSeconds: 20,
  maxConcurrency: -1,
  priority: 100,
  furtherLabels: [],
};

export interface FleetConfigOptions {
  /** `host:port` each. */
  readonly zookeeper: readonly string[];
  readonly tls: TlsFiles;
  /** The launcher's cloud. */
  readonly provider: string;
  readonly cloudUrl: string;
  /** The hosts of its rack. */
  readonly hosts: readonly { readonly port: number; readonly hostKeys: readonly string[] }[];
  readonly variant: ConfigVariant;
}
