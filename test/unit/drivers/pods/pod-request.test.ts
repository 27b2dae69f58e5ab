import assert from 'node:assert/strict';

import { podRequest } from '../../../../shared/drivers/pods/pod-request.ts';
import { kubeLabels } from '../../../../shared/drivers/pods/pod-request.ts';
import type { Pod } from '../../../../shared/drivers/pods/client/objects.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { launchSpec } from '../../../support/launch-spec.ts';

const config = (label: string, pool = ''): ReturnType<typeof providerConfig> =>
  providerConfig(`
name: kube
driver: openshift
context: c
pools:
  - name: main
    ${pool}
    labels:
      - {name: small, type: pod, ${label}}
`);

function request(label: string, pool = '', hasPullSecrets = false): Pod {
  const { label: read } = labelOf(config(label, pool), 'small');
  return podRequest({ name: 'one', label: read, labels: { a: 'b' }, hasPullSecrets });
}

const container = (label: string, pool = '') => request(label, pool).spec?.containers[0];

describe('pods: what is sent to have a pod', () => {
  it('is the body of the original, where nothing more is said', () => {
    assert.deepEqual(request('image: debian'), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one', labels: { a: 'b' }, annotations: {} },
      spec: {
        containers: [
          {
            name: 'small',
            image: 'debian',
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/sh', '-c'],
            args: ['while true; do sleep 30; done;'],
            env: [],
          },
        ],
      },
    });
  });

  it('has the options of the label', () => {
    const { spec, metadata } = request(
      'image: debian, image-pull: Never, env: [{name: A, value: b}], privileged: false, ' +
        'node-selector: {disk: ssd, rank: 3}, scheduler-name: mine, volumes: [{name: v, emptyDir: {}}], ' +
        'volume-mounts: [{name: v, mountPath: /v}], annotations: {note: x, count: 2}',
    );
    assert.deepEqual(metadata?.annotations, { note: 'x', count: '2' });
    assert.deepEqual(spec, {
      containers: [
        {
          ...container('image: debian'),
          imagePullPolicy: 'Never',
          env: [{ name: 'A', value: 'b' }],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
          securityContext: { privileged: false },
        },
      ],
      nodeSelector: { disk: 'ssd', rank: '3' },
      schedulerName: 'mine',
      volumes: [{ name: 'v', emptyDir: {} }],
    });
  });

  it('asks for amounts in the units of the original, limits as the pool says', () => {
    const pool = 'default-label-memory: 512\n    default-label-cpu-limit: 4';
    const label = 'image: debian, cpu: 2, storage: 9, gpu: 1, gpu-resource: nvidia.com/gpu';
    assert.deepEqual(container(label, pool)?.resources, {
      requests: { cpu: '2', memory: '512Mi', 'ephemeral-storage': '9M', 'nvidia.com/gpu': '1.00' },
      limits: { cpu: '4', memory: '512Mi', 'ephemeral-storage': '9M', 'nvidia.com/gpu': '1.00' },
    });
  });

  it('asks for nothing of which 0 is wanted, and for limits alone', () => {
    const label = 'image: debian, cpu: 0, memory: 0, gpu: 0, gpu-resource: x';
    assert.equal(container(label)?.resources, undefined);
    assert.deepEqual(container('image: debian, cpu-limit: 3')?.resources, { limits: { cpu: '3' } });
  });

  it('names pull secrets where the driver does, also none', () => {
    assert.deepEqual(request('image: debian', '', true).spec?.imagePullSecrets, []);
    const secrets = request('image: debian, image-pull-secrets: [{name: s}]', '', true);
    assert.deepEqual(secrets.spec?.imagePullSecrets, [{ name: 's' }]);
    assert.equal(request('image: debian').spec?.imagePullSecrets, undefined);
  });

  it('is the spec of the label as it stands, fields that nobody here knows with it', () => {
    const label = 'spec: {containers: [{name: c, image: i, novel: [1]}], dnsPolicy: Default}';
    assert.deepEqual(request(label, 'default-label-cpu: 5').spec, {
      containers: [{ name: 'c', image: 'i', novel: [1] }],
      dnsPolicy: 'Default',
    });
    assert.equal(request('image: debian, spec: {}').spec?.containers[0]?.image, 'debian');
  });
});

describe('pods: labels of what is made', () => {
  it('are the configured ones as texts, dynamic ones, and Nodepool’s over them', () => {
    const label =
      'image: debian, labels: {team: a, rank: 3, nodepool_node_id: x}, ' +
      'dynamic-labels: {tenant: "t-{request.tenant_name}", broken: "{request.nothing}"}';
    const spec = launchSpec(config(label), 'small');
    const request = { ...spec.request, tenantName: 'acme' };
    assert.deepEqual(kubeLabels({ ...spec, request }), {
      team: 'a',
      rank: '3',
      tenant: 't-acme',
      nodepool_node_id: '0000000001',
      nodepool_pool_name: 'main',
      nodepool_provider_name: 'kube',
      nodepool_node_label: 'small',
    });
  });
});
