/** What lets us into a cluster for a time. */
import type { Lasting } from '../../../cloud/tokens.ts';
import type { TlsSettings } from './transport.ts';

export interface Pass extends Lasting {
  /** URL of the API, without a slash at its end. */
  readonly server: string;
  /** Of the kubeconfig; undefined: the cluster that we run in. */
  readonly context: string | undefined;
  readonly tls: TlsSettings;
  /** Names in lower case: `authorization` and the like. Secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bearer token, where there is one. Secret. */
  readonly token: string | undefined;
}
