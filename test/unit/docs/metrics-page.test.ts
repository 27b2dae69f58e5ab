import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { metricsPage } from '../../../contrib/generate/metrics-page.ts';
import { statsdMapping } from '../../../contrib/generate/statsd-mapping.ts';
import { PLACE, statsdKey } from '../../../shared/telemetry/metric.ts';
import { metricGroups } from '../../../shared/telemetry/names/all.ts';

const root = resolve(import.meta.dirname, '../../..');
const metrics = metricGroups.flatMap((group) => group.metrics);

describe('docs/reference/metrics.md and the exporter’s mapping', () => {
  it('are what `npm run generate` makes', async () => {
    const files = [
      ['docs/reference/metrics.md', metricsPage()],
      ['contrib/statsd_exporter/statsd-mapping.yaml', statsdMapping()],
    ] as const;
    for (const [file, text] of files)
      assert.equal(await readFile(resolve(root, file), 'utf8'), text, 'run `npm run generate`');
  });
});

describe('definitions of metrics', () => {
  it('have one name each, in the words of Prometheus', () => {
    const names = metrics.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, kind, labels, help, buckets } of metrics) {
      assert.match(name, /^nodepool(_[a-z]+)+$/);
      assert.match(help, /^[A-Z1].*\.$/, name);
      for (const label of labels) assert.match(label, /^[a-z]+$/, name);
      assert.equal(kind === 'histogram', buckets !== undefined, name);
      if (name.endsWith('_total')) assert.equal(kind, 'counter', name);
    }
  });

  it('have keys that tell all of their labels', () => {
    for (const { name, labels, statsd } of metrics) {
      if (statsd === undefined) continue;
      assert.ok(statsd.startsWith('nodepool.'), name);
      const places = [...statsd.matchAll(PLACE)].map(([, label]) => label);
      assert.deepEqual(places.toSorted(), [...labels].toSorted(), name);
    }
  });

  it('are bounded: no node, request, tool or person is a label', () => {
    const bounded = metrics.filter(({ isBounded }) => isBounded !== false);
    const labels = new Set(bounded.flatMap((one) => one.labels));
    assert.deepEqual([...labels].sort(), [
      ...['answer', 'az', 'builder', 'cache', 'error', 'ext', 'image', 'kind', 'label'],
      ...['launcher', 'limit', 'method', 'operation', 'phase', 'pool', 'program', 'provider'],
      ...['queue', 'reason', 'resource', 'result', 'service', 'state', 'status', 'tenant'],
      ...['version'],
    ]);
  });
});

describe('the exporter’s mapping', () => {
  interface Rule {
    readonly match: string;
    readonly match_metric_type?: 'counter' | 'gauge' | 'observer';
    readonly name: string;
    readonly action?: string;
    readonly labels?: Readonly<Record<string, string>>;
  }
  const { mappings } = parse(statsdMapping()) as { mappings: readonly Rule[] };

  /** As the exporter does it: the first rule of the type that matches. */
  function map(key: string, type: string): string | undefined {
    for (const { match, match_metric_type: of, name, action, labels = {} } of mappings) {
      const found = new RegExp(match).exec(key);
      if (!found || (of !== undefined && of !== type)) continue;
      if (action === 'drop') return undefined;
      const words = Object.entries(labels).map(
        ([label, place]) => `${label}=${found[Number(place.slice(1))] ?? ''}`,
      );
      return [name, ...words].join(' ');
    }
    return undefined;
  }

  it('gives the names and labels of the original’s, for its keys', () => {
    const cases = [
      ['nodepool.provider.p.max_servers', 'gauge', 'nodepool_provider_max_servers provider=p'],
      [
        'nodepool.provider.p.nodes.in-use',
        'gauge',
        'nodepool_nodes_by_provider provider=p state=in-use',
      ],
      ['nodepool.label.l.nodes.ready', 'gauge', 'nodepool_nodes_by_label label=l state=ready'],
      ['nodepool.nodes.hold', 'gauge', 'nodepool_nodes state=hold'],
      ['nodepool.launch.ready', 'counter', 'nodepool_launch result=ready'],
      ['nodepool.launch.error.quota', 'observer', 'nodepool_launch_timer result=error.quota'],
      [
        'nodepool.launch.provider.p.ready',
        'counter',
        'nodepool_launch_by_provider provider=p result=ready',
      ],
      [
        'nodepool.launch.provider.p.error.ssh',
        'observer',
        'nodepool_launch_by_provider_timer provider=p result=error.ssh',
      ],
      [
        'nodepool.launch.provider.p.az1.error.ssh',
        'counter',
        'nodepool_launch_by_provider_az provider=p az=az1 result=error.ssh',
      ],
      [
        'nodepool.launch.provider.p.az1.ready',
        'observer',
        'nodepool_launch_by_provider_az_timer provider=p az=az1 result=ready',
      ],
      [
        'nodepool.launch.requestor.NodePool_min-ready.ready',
        'counter',
        'nodepool_launch_by_requestor requestor=NodePool_min-ready result=ready',
      ],
      ['nodepool.image_update.i.p', 'counter', 'nodepool_image_update image=i provider=p'],
      ['nodepool.image_update.i.p', 'observer', 'nodepool_image_update_timer image=i provider=p'],
      [
        'nodepool.dib_image_build.i.status.rc',
        'gauge',
        'nodepool_dib_image_build_result_code image=i ext=status',
      ],
      [
        'nodepool.dib_image_build.i.qcow2.size',
        'gauge',
        'nodepool_dib_image_build_size image=i ext=qcow2',
      ],
      [
        'nodepool.dib_image_build.i.status.duration',
        'observer',
        'nodepool_dib_image_build_duration image=i ext=status',
      ],
      [
        'nodepool.task.p.compute.GET.servers',
        'counter',
        'nodepool_task provider=p task=compute.GET.servers',
      ],
      ['nodepool.task.p.compute', 'observer', 'nodepool_task_timer provider=p task=compute'],
      [
        'nodepool.provider.p.request_handler',
        'observer',
        'nodepool_provider_request_handler provider=p',
      ],
    ] as const;
    for (const [key, type, expected] of cases) assert.equal(map(key, type), expected);
    for (const key of ['openstack.api.compute.GET', 'nodepool.something.else'])
      assert.equal(map(key, 'counter'), undefined, key);
  });

  it('gives each definition its own name and labels, also where names hold dots', () => {
    const type = { counter: 'counter', gauge: 'gauge', histogram: 'observer', summary: 'observer' };
    const plain: Readonly<Record<string, string>> = { result: 'error.keyscan', state: 'in-use' };
    for (const dotted of [false, true]) {
      for (const metric of metrics) {
        const { name, kind, labels } = metric;
        // A provider beside another name must not hold one: the key would say two things.
        const isBeside = /^nodepool_(launch|image_update)/.test(name);
        const values = Object.fromEntries(
          labels.map((label) => {
            const mayHaveDots =
              ['provider', 'label', 'image', 'pool', 'builder', 'launcher'].includes(label) &&
              !(label === 'provider' && isBeside);
            return [label, plain[label] ?? (dotted && mayHaveDots ? `${label}-1.2` : label)];
          }),
        );
        const key = statsdKey(metric, values);
        if (key === undefined) continue;
        const mapped = map(key, type[kind])?.split(' ');
        assert.equal(mapped?.[0], name, key);
        const words = labels.map((label) => `${label}=${values[label] ?? ''}`);
        assert.deepEqual(mapped.slice(1).toSorted(), words.toSorted(), key);
      }
    }
  });
});
