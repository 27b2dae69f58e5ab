/** A builder as a process of its own, which can be killed: `builder-process.ts OPTIONS JOB`, in JSON. */
import { ContainerRunner } from '../../../builder/dib/container-runner.ts';
import type { ContainerRunnerOptions } from '../../../builder/dib/container-runner.ts';
import type { DibJob } from '../../../builder/dib/runner.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';

const [options = '', job = ''] = process.argv.slice(2);
const runner = new ContainerRunner({
  ...(JSON.parse(options) as ContainerRunnerOptions),
  ...{ clock: systemClock, log: silentLogger, login: () => Promise.resolve(undefined) },
});
await runner.run(JSON.parse(job) as DibJob, new AbortController().signal);
