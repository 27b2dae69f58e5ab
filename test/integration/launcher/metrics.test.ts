/** `GET /metrics` of a launcher in this process, under load: valid, complete, and true. */
import assert from 'node:assert/strict';

import { launcherMetrics } from '../../../launcher/telemetry/prometheus.ts';
import { webSource } from '../../../launcher/web-source.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { MetricsFan } from '../../../shared/telemetry/metrics.ts';
import { metricsOf } from '../../../shared/telemetry/names/all.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play, type Scene } from '../../support/launcher-scene.ts';
import { readExposition, valueIn, type ReadFamilies } from '../../support/read-exposition.ts';

const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const ABSURD = 'eu "west"\\1.é\n';
/** These count what did not happen here. */
const NOT_HERE = new Set([
  'nodepool_leaked_total',
  'nodepool_leak_deletions_failed_total',
  'nodepool_deletions',
  'nodepool_provider_start_failed_total',
  'nodepool_cloud_http_seconds',
  'nodepool_zookeeper_errors_total',
]);
const SECTIONS = config({
  pool: { 'max-servers': 5 },
  extra: { 'tenant-resource-limits': [{ 'tenant-name': 'tenant-one', 'max-servers': 50 }] },
  providers: [
    fakeProvider({ pool: { 'max-servers': 5 } }),
    fakeProvider({ name: ABSURD, labels: ['odd'] }),
  ],
});

class Scraper {
  readonly #url: string;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/metrics`;
  }

  async read(accept?: string): Promise<{ families: ReadFamilies; type: string | null }> {
    const response = await fetch(this.#url, accept === undefined ? {} : { headers: { accept } });
    assert.equal(response.status, 200);
    const type = response.headers.get('content-type');
    const format = type === OPEN ? 'openmetrics' : 'text';
    return { families: readExposition(await response.text(), format), type };
  }
}

describe('the metrics of a running launcher', () => {
  const fan = new MetricsFan();

  async function withScraper(
    scene: Scene,
    steps: (scraper: Scraper) => Promise<void>,
  ): Promise<void> {
    const { launcher, client } = scene.own;
    const told = launcherMetrics({ launcher, client, metrics: fan, clock: systemClock });
    const web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, source: webSource(launcher), metrics: told.page },
      ...{ clock: systemClock, log: silentLogger },
    });
    try {
      await steps(new Scraper(web.port));
    } finally {
      told.close();
      await web.close();
      await fan.close();
    }
  }

  it('are valid in both formats, are those that are documented, and tell what happened', () =>
    play(
      SECTIONS,
      async (scene) => {
        await withScraper(scene, async (scraper) => {
          const { zuul } = scene;
          const ids = await Promise.all(
            Array.from({ length: 6 }, () => zuul.submit(['large'], { requestor: 'zuul' })),
          );
          for (const id of ids) {
            const { nodes } = await zuul.untilState(id, 'fulfilled');
            await (await zuul.use(id, nodes as string[])).giveBack();
          }
          const held = await zuul.ask(Array<string>(4).fill('large'));
          const kept = await zuul.use(held.id, held.nodes);
          // One fits, one is accepted and waits for room, one is not looked at before that one has it.
          const late: string[] = [];
          for (const labels of [['large'], ['large', 'large'], ['large']])
            late.push(await zuul.submit(labels));
          await eventually(async () => {
            const { families } = await scraper.read();
            const ended = { result: 'fulfilled' };
            assert.equal(valueIn(families, 'nodepool_request_seconds_count', ended), 8);
            assert.equal(valueIn(families, 'nodepool_requests_waiting', { provider: 'cloud' }), 1);
          });
          const { families, type } = await scraper.read();
          assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
          const open = await scraper.read(
            'application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
          );
          assert.equal(open.type, OPEN);
          const names = (found: ReadFamilies): string[] =>
            [
              ...new Set(
                [...found.values()].flatMap(({ samples }) => samples.map((one) => one.name)),
              ),
            ].sort();
          assert.deepEqual(names(open.families), names(families), 'the same names');

          const own = [...families.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
          const defined = metricsOf('launcher').map(({ name }) => name);
          assert.deepEqual(
            own.filter((name) => !defined.includes(name)),
            [],
          );
          assert.deepEqual(
            defined.filter((name) => !own.includes(name) && !NOT_HERE.has(name)),
            [],
          );
          for (const id of late) await zuul.cancel(id);
          await kept.giveBack();
          assert.equal(valueIn(families, 'nodepool_launch', { result: 'ready' }), 11);
          const room = { phase: 'waiting-for-room' };
          assert.equal(valueIn(families, 'nodepool_launching_nodes', room), 2);
          assert.equal(valueIn(families, 'nodepool_provider_up', { provider: ABSURD }), 1);
          assert.equal(
            valueIn(families, 'nodepool_provider_max_servers', { provider: ABSURD }),
            100,
          );
          const unused = { provider: ABSURD, resource: 'instances' };
          assert.equal(valueIn(families, 'nodepool_pool_quota_used', unused), 0);
          assert.ok((valueIn(families, 'process_resident_memory_bytes') ?? 0) > 1e6);
        });
      },
      { metrics: fan },
    ));
});
