/** Traces of a launcher that runs as a process: loaded only where they are wanted, sent before it ends. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { startCollector } from '../../../fixtures/otlp/collector.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { config } from '../../support/launcher-scene.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

/** Writes down which packages the process imports; `-` where it is a module of no package. */
const SPY = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const [, name = '-'] = /node_modules\\/(@[^/]+\\/[^/]+|[^/]+)\\//.exec(found.url) ?? [];
  appendFileSync(process.env.IMPORTS_FILE, name + '\\n');
  return found;
}`;

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A launcher that serves one request and stops. Answers the packages that it imported. */
async function serveOne(environment: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-traces-'));
  removeWithUs(folder);
  const [path, imports] = [join(folder, 'nodepool.yaml'), join(folder, 'imports')];
  const chroot = uniqueChroot('traces');
  const client = await connect(chroot);
  const zuul = new ZuulSide(client);
  const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
  const servers = [{ host, port: Number(port), chroot }];
  await writeFile(path, JSON.stringify({ 'zookeeper-servers': servers, ...config() }));
  const hook = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(SPY))});`;
  const daemon = await startLauncher({
    ...{ workDir: folder, configPath: path, args: ['--no-webapp'] },
    environment: {
      NODE_OPTIONS: `--import ${dataUrl(hook)}`,
      IMPORTS_FILE: imports,
      ...environment,
    },
  });
  try {
    await zuul.ask(['small']);
    assert.equal(await daemon.stop(), 0);
    return [...new Set((await readFile(imports, 'utf8')).trimEnd().split('\n'))];
  } catch (error) {
    if (error instanceof Error) error.stack = `${error.stack ?? ''}\n${await daemon.tail(40)}`;
    throw error;
  } finally {
    await daemon.stop(0);
    await client.close();
    await removeNow(folder);
  }
}

describe('a launcher as a process', () => {
  it('loads nothing of OpenTelemetry where no traces are wanted', async () => {
    const packages = await serveOne({ OTEL_SERVICE_NAME: 'unused' });
    assert.ok(packages.includes('-'), packages.join());
    assert.deepEqual(
      packages.filter((name) => name.startsWith('@opentelemetry/')),
      [],
    );
  });

  it('sends what waits before it ends', async () => {
    const collector = await startCollector();
    try {
      const packages = await serveOne({
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
        // Never, but for the end.
        OTEL_BSP_SCHEDULE_DELAY: '3600000',
      });
      assert.ok(packages.includes('@opentelemetry/sdk-trace-node'), packages.join());
      const [root] = collector.spans.filter(({ name }) => name === 'NodeRequest');
      assert.equal(root?.attributes.state, 'fulfilled');
    } finally {
      await collector.close();
    }
  });
});
