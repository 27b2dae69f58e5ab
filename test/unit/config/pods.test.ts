import assert from 'node:assert/strict';

import type { PodLabelOptions } from '../../../schemas/config/drivers/pods.ts';
import type { PoolConfig, ProviderConfig } from '../../../schemas/config/model.ts';
import { findings, good, loadText } from './load-text.ts';
import type { Loaded } from './load-text.ts';

const text = (options: string): string => `labels: [{name: a}]\nproviders: [{name: p, ${options}}]`;

/** One provider `p`; the options are YAML in flow style. */
function load(options: string): Loaded {
  return loadText(text(options));
}

function provider(options: string): ProviderConfig {
  const one = good(text(options)).providers.get('p');
  assert.ok(one);
  return one;
}

function firstPool(one: ProviderConfig): PoolConfig {
  const pool = one.pools[0];
  assert.ok(pool);
  return pool;
}

function labelOptions(one: ProviderConfig): unknown {
  const label = firstPool(one).labels.get('a');
  assert.ok(label);
  return label.options;
}

describe('kubernetes, openshift, openshiftpods', () => {
  const limits = (driver: string, options: string, pool = '') =>
    firstPool(
      provider(
        `driver: ${driver}, context: c, ${options}, pools: [{name: m, labels: [], ${pool}}]`,
      ),
    ).limits;

  it('give the provider’s limits to pools', () => {
    assert.deepEqual(
      limits('kubernetes', 'max-servers: 3, max-resources: {gpu: 1}', 'max-cores: 2'),
      {
        instances: 3,
        cores: 2,
        gpu: 1,
      },
    );
    assert.deepEqual(limits('openshift', 'max-servers: 3, max-projects: 4'), { instances: 4 });
    assert.deepEqual(limits('openshiftpods', 'max-servers: 3, max-pods: 4'), { instances: 4 });
  });

  const label = (pool: string, options: string) =>
    labelOptions(
      provider(
        `driver: kubernetes, pools: [{name: m, ${pool}, labels: [{name: a, type: pod, image: i, ${options}}]}]`,
      ),
    ) as PodLabelOptions;

  it('limit a pod by its label, else its pool, else what it asks for', () => {
    const { cpu, cpuLimit } = label('default-label-cpu: 1, default-label-cpu-limit: 5', 'cpu: 2');
    assert.deepEqual([cpu, cpuLimit], [2, 5]);
    assert.equal(label('default-label-cpu: 1', '').cpuLimit, 1);
    assert.equal(label('default-label-cpu-limit: 5', 'cpu-limit: 9').cpuLimit, 9);
    assert.equal(label('max-servers: 1', '').memoryLimitMib, undefined);
  });

  it('take the default of other resources under both spellings', () => {
    assert.deepEqual(
      label('default-label-extra-resources: {x: 1}', 'extra-resources: {y: 2}').extraResources,
      { x: 1, y: 2 },
    );
    assert.deepEqual(label('default-label-extra_resources: {x: 1}', '').extraResources, { x: 1 });
  });

  it('want little beside a whole pod spec, to be valid', () => {
    const loaded = load(
      'driver: kubernetes, pools: [{name: m, labels: [{name: a, type: pod, spec: {}, cpu: 1, labels: {}}]}]',
    );
    assert.deepEqual(findings(loaded, 'strict'), [
      'providers[0].pools[0].labels[0].cpu: has no place beside spec, which is the whole pod',
    ]);
  });

  const warnings = (options: string) => findings(load(options), 'warning');
  const place = 'providers[0].pools[0].labels[0]';

  it('tell of a label that is of no type that there is', () => {
    const kubernetes = 'driver: kubernetes, pools: [{name: m, labels: [{name: a, image: i, ';
    assert.deepEqual(warnings(`${kubernetes} type: namspace}]}]`), [
      `${place}.type: is none of namespace, pod: taken for pod`,
    ]);
    assert.deepEqual(warnings(`${kubernetes} type: pod}]}]`), []);
    const openshift =
      'driver: openshift, context: c, pools: [{name: m, labels: [{name: a, image: i, ';
    assert.deepEqual(warnings(`${openshift} type: pods}]}]`), [
      `${place}.type: is none of project, pod: taken for project`,
    ]);
  });

  it('tell of a pod without an image and of half a GPU', () => {
    const labels = 'driver: kubernetes, pools: [{name: m, labels: [{name: a, ';
    assert.deepEqual(warnings(`${labels} type: pod, gpu: 1}]}]`), [
      `${place}: has neither image nor spec: a cluster takes no such pod`,
      `${place}.gpu: has no effect alone: gpu and gpu-resource belong together`,
    ]);
    assert.deepEqual(warnings(`${labels} type: pod, spec: {containers: []}}]}]`), []);
    assert.deepEqual(warnings(`${labels} type: namespace}]}]`), []);
  });

  it('tell of names that Kubernetes does not take', () => {
    const rest = 'driver: kubernetes, pools';
    const tooLong = 'p'.repeat(53);
    const text = (name: string, pool: string, label: string, type: string): string =>
      `labels: [{name: ${label}}]\nproviders: [{name: ${name}, ${rest}: [{name: ${pool}, labels: [{name: ${label}, type: ${type}, image: i}]}]}]`;
    const told = (...names: Parameters<typeof text>) =>
      findings(loadText(text(...names)), 'warning').map((one) => one.split(': ')[0]);
    assert.deepEqual(told('kube.One', 'main-', 'debian-12', 'pod'), []);
    assert.deepEqual(told('kube', 'p'.repeat(52), 'Debian_12', 'namespace'), []);
    assert.deepEqual(told('kube', 'main', 'debian.12', 'pod'), [`${place}.name`]);
    assert.deepEqual(told('kube', 'main', 'debian 12', 'namespace'), [`${place}.name`]);
    assert.deepEqual(told('a kube', 'Main', 'debian', 'pod'), [
      'providers[0].name',
      'providers[0].pools[0].name',
    ]);
    assert.deepEqual(told('kube', tooLong, 'debian', 'pod'), ['providers[0].pools[0].name']);
    const pods = (pool: string) =>
      warnings(
        `driver: openshiftpods, context: c, pools: [{name: ${pool}, labels: [{name: a, image: i}]}]`,
      ).length;
    assert.deepEqual([pods(tooLong), pods('main-'), pods('p'.repeat(64))], [0, 1, 1]);
  });

  it('want an image or a spec of openshiftpods, to be valid', () => {
    const loaded = load(
      'driver: openshiftpods, context: c, pools: [{name: m, labels: [{name: a}]}]',
    );
    assert.deepEqual(findings(loaded, 'strict'), [`${place}: needs image or spec`]);
  });

  it('make every label of openshiftpods a pod', () => {
    const one = provider(
      'driver: openshiftpods, context: c, pools: [{name: m, labels: [{name: a, image: i}]}]',
    );
    assert.equal((labelOptions(one) as PodLabelOptions).type, 'pod');
  });
});
