/** A session with an Azure in memory under a hand-turned clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AzureCloud } from '../../../../../fixtures/azure-cloud/cloud.ts';
import {
  GROUP,
  LOCATION,
  SUBSCRIPTION,
  type AzureCloudOptions,
} from '../../../../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../../../../fixtures/azure-cloud/login.ts';
import { ManualClock } from '../../../../../fixtures/clock.ts';
import type { ProviderConfig } from '../../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import {
  openSession,
  type Session,
  type SessionOptions,
} from '../../../../../shared/drivers/azure/client/session.ts';
import type { HttpDone } from '../../../../../shared/drivers/driver.ts';
import { providerConfig } from '../../../../support/provider-config.ts';
import { settleByTurning } from '../../settle-by-turning.ts';

export const never = (): AbortSignal => new AbortController().signal;

/** What `az ad sp create-for-rbac --sdk-auth` prints, as far as it is read. */
export const PRINCIPAL = {
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
};

export class Desk {
  readonly clock = new ManualClock();
  readonly cloud: AzureCloud;
  readonly config: ProviderConfig;
  /** The requests that the driver has told of. */
  readonly requests: HttpDone[] = [];
  readonly authPath: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'nodepool-azure-'));
  readonly #sessions: Session[] = [];

  constructor(options: Partial<AzureCloudOptions> = {}, rate = 1000) {
    this.cloud = new AzureCloud({ clock: this.clock, ...options });
    this.authPath = join(this.#folder, 'auth.json');
    this.writeAuth(PRINCIPAL);
    this.config = providerConfig(`
name: azure-provider
driver: azure
location: ${LOCATION}
resource-group: ${GROUP}
resource-group-location: ${LOCATION}
auth-path: ${this.authPath}
rate: ${rate}
pools: [{name: main, max-servers: 1, labels: []}]
`);
  }

  /** A text stands in the file as it is. */
  writeAuth(content: object | string): void {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(this.authPath, text);
  }

  /** Rejects where the credentials do not work. */
  async open(options: SessionOptions = {}): Promise<Session> {
    const { clock, cloud, config, requests } = this;
    const env = {
      ...{ clock, random: () => 0.5, log: silentLogger, environment: {}, extension: undefined },
      ...{ pollSeconds: 1, imageCheckSeconds: 300 },
      onHttp: (request: HttpDone) => {
        requests.push(request);
      },
    };
    const all = { httpClient: cloud.httpClient, ...options };
    const session = await this.settle(openSession(config, env, all, never()));
    this.#sessions.push(session);
    return session;
  }

  /** The promise's outcome, with as much time as it takes. */
  settle<T>(promise: Promise<T>): Promise<T> {
    return settleByTurning(this.clock, promise);
  }

  close(): void {
    for (const session of this.#sessions) session.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
