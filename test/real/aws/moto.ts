/**
 * moto's AWS server, with what the shared tool `aws-up.sh` adds to it, for all tests of this folder:
 * started at the first call, ended after the last test. README.md says what it needs.
 */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePorts } from '../../../fixtures/processes/ports.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { openSdk, type SdkOptions } from '../../../shared/drivers/aws/client/sdk.ts';
import { openServices, type AwsServices } from '../../../shared/drivers/aws/client/services.ts';
import { projectRoot } from '../../support/peers.ts';

/** What moto takes for keys. */
export const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

export class Moto {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly region: string;
  /** What is ready there. */
  readonly subnet: string;
  readonly group: string;
  readonly image: string;
  readonly keyName: string;
  readonly #stop: () => Promise<void>;

  private constructor(settings: ReadonlyMap<string, string>, stop: () => Promise<void>) {
    const setting = (name: string): string => {
      const value = settings.get(name);
      if (value === undefined) throw new Error(`aws-up.sh did not print ${name}`);
      return value;
    };
    this.url = setting('AWS_ENDPOINT_URL');
    this.region = setting('AWS_REGION');
    this.subnet = setting('AWS_SUBNET');
    this.group = setting('AWS_SECURITY_GROUP');
    this.image = setting('AWS_AMI');
    this.keyName = setting('AWS_KEY_NAME');
    this.#stop = stop;
  }

  static async start(tool: string): Promise<Moto> {
    const kept = process.env.NODEPOOL_AWS_WORK;
    const folder = kept ?? (await mkdtemp(join(tmpdir(), 'nodepool-moto-')));
    if (kept === undefined) removeWithUs(folder);
    const [port] = await freePorts(1);
    const env = { ...process.env, AWS_WORK: folder, AWS_PORT: String(port) };
    const output = await run(tool, ['up'], { env });
    const settings = new Map(
      output.split('\n').flatMap((line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    );
    return new Moto(settings, async () => {
      await run(tool, ['down'], { env });
      if (kept === undefined) await removeNow(folder);
    });
  }

  /** Our client of it, or of a proxy before it. Closed by whoever opens it. */
  services(options: Partial<SdkOptions> = {}): AwsServices {
    return openServices(
      openSdk({
        ...{ section: 'provider one', region: this.region, profile: undefined },
        ...{ clock: systemClock, random: Math.random, log: silentLogger, environment: {} },
        ...{ callsPerSecond: Infinity, endpoint: this.url, credentials: CREDENTIALS },
        ...options,
      }),
    );
  }

  /** Asks the tool's own routes: `/_test/NAME`. */
  async steer(name: string, json?: unknown, method = 'POST'): Promise<unknown> {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const answer = await fetch(`${this.url}/_test/${name}`, { method, ...body });
    return answer.json();
  }

  /** By IAM, of which we have no client. */
  async makeInstanceProfile(name: string): Promise<void> {
    const scope = 'testing/20260101/us-east-1/iam/aws4_request';
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Action: 'CreateInstanceProfile', InstanceProfileName: name }),
    });
    if (!answer.ok) throw new Error(`CreateInstanceProfile: ${await answer.text()}`);
  }

  async makeBucket(name: string): Promise<void> {
    const { S3 } = await import('@aws-sdk/client-s3');
    const s3 = new S3({
      ...{ region: this.region, endpoint: this.url, forcePathStyle: true },
      credentials: CREDENTIALS,
    });
    const place = { LocationConstraint: 'us-west-2' as const };
    await s3.createBucket({ Bucket: name, CreateBucketConfiguration: place });
    s3.destroy();
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

let shared: Promise<Moto> | undefined;

/** The shared server, or the end of the suite, with a word on why. For `before`. */
export async function motoOrSkip(context: Mocha.Context): Promise<Moto> {
  const tools = process.env.NODEPOOL_TOOLS ?? '../shared/tools';
  const tool = join(projectRoot, tools, 'aws-up.sh');
  if (!existsSync(tool)) {
    console.log('      skipped: no shared tools with aws-up.sh');
    return context.skip();
  }
  shared ??= Moto.start(tool);
  return shared;
}

/** After the last suite. */
after('end moto', async () => {
  await (await shared)?.stop();
});
