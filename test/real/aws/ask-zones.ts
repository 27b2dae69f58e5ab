/**
 * A process that asks AWS for its zones, once for each line that it reads: `new` with a new client, as
 * a provider's start has one, `again` with the same. Answers a line of JSON each. The SDK looks at the
 * environment of its process, hence one for each test. The argument is `profile-name`.
 */
import { createInterface } from 'node:readline';

import { systemClock } from '../../../shared/base/clock.ts';
import type { CloudError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { openSdk } from '../../../shared/drivers/aws/client/sdk.ts';
import { openServices, type AwsServices } from '../../../shared/drivers/aws/client/services.ts';

const profile = process.argv[2] === '' ? undefined : process.argv[2];
const { signal } = new AbortController();
let services: AwsServices | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'new') services?.close();
  if (line === 'new' || services === undefined) services = open();
  process.stdout.write(`${JSON.stringify(await zones(services))}\n`);
}
services?.close();

function open(): AwsServices {
  return openServices(
    openSdk({
      ...{ section: 'provider one', region: 'us-west-2', profile, callsPerSecond: 100 },
      ...{ clock: systemClock, random: Math.random, log: silentLogger, environment: process.env },
    }),
  );
}

async function zones({ compute }: AwsServices): Promise<object> {
  try {
    return { zones: await compute.zones(signal) };
  } catch (error) {
    const { code, message, hint } = error as CloudError;
    return { code, message, hint };
  }
}
