/** Labels whose nodes our drivers must make as Python's do, down to the last field. */
import { podLabel, spaceLabel, type Kind } from './kinds.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Every option of a label that says how its pod is. */
const RICH: Fields = {
  image: 'registry.example.com/image:1',
  'image-pull': 'Always',
  'python-path': '/usr/bin/python3',
  'shell-type': 'csh',
  cpu: 2,
  memory: 512,
  storage: 10,
  'cpu-limit': 4,
  'memory-limit': 1024,
  'storage-limit': 20,
  gpu: 1,
  'gpu-resource': 'nvidia.com/gpu',
  env: [{ name: 'COLOR', value: 'red' }],
  'node-selector': { 'kubernetes.io/os': 'linux' },
  privileged: true,
  'scheduler-name': 'default-scheduler',
  volumes: [{ name: 'scratch', emptyDir: { medium: 'Memory' } }],
  'volume-mounts': [{ name: 'scratch', mountPath: '/scratch' }],
  labels: { team: 'blue' },
  'dynamic-labels': { tenant: '{request.tenant_name}' },
  annotations: { note: 'a text' },
  'extra-resources': { licenses: 3 },
};
const SPEC: Fields = {
  spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1d'] }] },
  labels: { team: 'green' },
  annotations: { note: 'another text' },
};
const DEFAULTS: Fields = {
  'default-label-cpu': 1,
  'default-label-memory': 256,
  'default-label-storage': 5,
  'default-label-cpu-limit': 3,
  'default-label-memory-limit': 300,
};

/** By what is told about them; each a label, and what the pool has beside it. */
export function judgedLabels(
  kind: Kind,
): Readonly<Record<string, readonly [label: Fields, pool?: Fields]>> {
  const type = kind === 'openshiftpods' ? {} : { type: 'pod' };
  const space = spaceLabel(kind);
  const secrets = kind === 'kubernetes' ? {} : { 'image-pull-secrets': [{ name: 'pull' }] };
  return {
    ...(space && {
      'a place for pods': [space],
      'a place with labels': [{ ...space, labels: { team: 'red' }, annotations: { note: 'a' } }],
    }),
    'a plain pod': [podLabel(kind)],
    'a pod with everything': [{ ...type, ...RICH, ...secrets }],
    'a pod of a specification': [{ ...type, ...SPEC }],
    'the defaults of a pool': [podLabel(kind), DEFAULTS],
  };
}
