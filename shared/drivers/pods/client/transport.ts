/** How requests reach a cluster: the part that tests replace. */

/** What a connection is made with. */
export interface TlsSettings {
  /** Authorities that may have signed the server's certificate, PEM. Undefined: Node's own. */
  readonly ca: string | undefined;
  /** Ours, PEM. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whose certificate it must be, where it is not the host's. */
  readonly serverName: string | undefined;
  /** True: any certificate does. */
  readonly skipVerify: boolean;
  /** `proxy-url` of the kubeconfig. */
  readonly proxyUrl: string | undefined;
}

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  /** Names in lower case; with the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | undefined;
  readonly tls: TlsSettings;
  /** Ends the request, and its answer's body as long as it is being read. */
  readonly signal: AbortSignal;
}

export interface KubeResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** In pieces as they come; of a watch without an end. Bytes may end within a character. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Resolves when status and headers are there. */
export type Transport = (request: KubeRequest) => Promise<KubeResponse>;
