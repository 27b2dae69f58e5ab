/** A user's calls to the services of an OpenStack, for tests: small, strict, and with no code of ours under test. */

/** As tests call the services; the catalog knows block storage as `volumev3`. */
export const serviceNames = ['identity', 'compute', 'network', 'image', 'volume'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface SignIn {
  /** With `/v3` at its end. */
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
}

interface Token {
  readonly project: { readonly id: string };
  readonly user: { readonly id: string };
  readonly catalog: readonly {
    readonly type: string;
    readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
  }[];
}

/** What stands between the catalog's address and a path, by service. */
const VERSIONS: Partial<Record<ServiceName, string>> = { network: '/v2.0', image: '/v2' };
/** Two busy cores. */
const CALL_MS = 120_000;

export class Rest {
  readonly projectId: string;
  readonly userId: string;
  readonly #token: string;
  readonly #endpoints: ReadonlyMap<string, string>;

  private constructor(value: string, token: Token) {
    this.#token = value;
    this.projectId = token.project.id;
    this.userId = token.user.id;
    this.#endpoints = new Map(
      token.catalog.map(({ type, endpoints }) => [
        type === 'volumev3' ? 'volume' : type,
        endpoints.find((one) => one.interface === 'public')?.url ?? '',
      ]),
    );
  }

  /** Users and projects of the domain `Default`. */
  static async signIn({ authUrl, user, password, project }: SignIn): Promise<Rest> {
    const domain = { id: 'default' };
    const identity = {
      methods: ['password'],
      password: { user: { name: user, domain, password } },
    };
    const body = { auth: { identity, scope: { project: { name: project, domain } } } };
    const answer = await fetch(`${authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    if (!answer.ok) throw new Error(`sign in: ${answer.status} ${await answer.text()}`);
    const { token } = (await answer.json()) as { token: Token };
    return new Rest(answer.headers.get('x-subject-token') ?? '', token);
  }

  /** `http://host:port` of a service; undefined where the cloud has none. */
  origin(service: ServiceName): string | undefined {
    const url = this.#endpoints.get(service);
    return url === undefined ? undefined : new URL(url).origin;
  }

  get(service: ServiceName, path: string): Promise<unknown> {
    return this.call(service, 'GET', path);
  }

  /** Below the version (and project): `/servers/detail`. Answers the JSON, if there is any. */
  // eslint-disable-next-line max-params -- the microversion is for one question of one test
  async call(
    service: ServiceName,
    method: string,
    path: string,
    body?: unknown,
    microversion?: string,
  ): Promise<unknown> {
    const isRaw = body instanceof Uint8Array;
    const answer = await fetch(this.#url(service, path), {
      method,
      headers: {
        'x-auth-token': this.#token,
        'content-type': isRaw ? 'application/octet-stream' : 'application/json',
        ...(microversion && { 'x-openstack-nova-api-version': microversion }),
      },
      body: body === undefined ? null : isRaw ? Buffer.from(body) : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new RestError(`${method} ${service} ${path}`, answer.status, text);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Deletes, and takes "is not there" for done. */
  async remove(service: ServiceName, path: string): Promise<void> {
    try {
      await this.call(service, 'DELETE', path);
    } catch (error) {
      if (!(error instanceof RestError && error.status === 404)) throw error;
    }
  }

  #url(service: ServiceName, path: string): string {
    const endpoint = this.#endpoints.get(service);
    if (endpoint === undefined) throw new Error(`the cloud has no service ${service}`);
    return `${endpoint}${VERSIONS[service] ?? ''}${path}`;
  }
}

export class RestError extends Error {
  readonly status: number;

  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status} ${text.slice(0, 500)}`);
    this.status = status;
  }
}
