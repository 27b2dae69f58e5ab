/** One launcher, as it is shipped, with one provider: how long it takes to start, and what it takes then. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import type { DriverGround } from '../../support/driver-grounds.ts';
import { eventually } from '../../support/eventually.ts';
import { config } from '../../support/launcher-scene.ts';
import { measuredProcess } from './process.ts';
import type { DriverFigures } from './result.ts';

export interface StartOptions {
  readonly driver: string;
  readonly ground: DriverGround;
  readonly zookeeper: { readonly host: string; readonly port: number };
  /** Of this start alone. */
  readonly workDir: string;
}

const PATIENCE_MS = 120_000;
const LOOK_MS = 5;
/** Until what was needed for the start has been given back. */
const SETTLE_MS = 3000;

export async function measureStart(options: StartOptions): Promise<DriverFigures> {
  const { ground, workDir } = options;
  await mkdir(workDir, { recursive: true });
  const configPath = join(workDir, 'nodepool.yaml');
  await writeFile(configPath, JSON.stringify(configOf(options)));
  const beganMs = performance.now();
  const launcher = await startLauncher({
    ...{ workDir, configPath, args: ['--no-webapp'], environment: ground.environment },
  });
  try {
    await eventually(
      async () => {
        if (!launcher.isRunning) throw new Error(await launcher.tail());
        return (await readFile(launcher.logPath, 'utf8')).includes('provider runs');
      },
      PATIENCE_MS,
      LOOK_MS,
    );
    const startMs = performance.now() - beganMs;
    const measured = measuredProcess(launcher.pid);
    const startCpuMs = await measured.cpuMs();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return {
      start_seconds: startMs / 1000,
      start_cpu_ms: startCpuMs,
      rss_mib: await measured.rssMib(),
    };
  } catch (error) {
    if (error instanceof Error) error.message += `\n${await launcher.tail()}`;
    throw error;
  } finally {
    await launcher.stop();
  }
}

function configOf({ driver, ground, zookeeper, workDir }: StartOptions): object {
  const { section, extension } = ground;
  const chroot = `/${workDir.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  return {
    'zookeeper-servers': [{ ...zookeeper, chroot }],
    ...config({
      providers: [section],
      labels: ['small', 'host'],
      extra: { extensions: extension === undefined ? {} : { drivers: { [driver]: extension } } },
    }),
  };
}
