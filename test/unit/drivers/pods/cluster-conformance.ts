/** What conformance asks of a cluster in memory, whichever of the three drivers is before it. */
import type { Fault } from '../../../../fixtures/kube-cloud/faults.ts';
import type { KubeCloudOptions } from '../../../../fixtures/kube-cloud/ground.ts';
import type { KubeDriver } from '../../../support/kube-site.ts';
import {
  cloudDriver,
  type CloudSubject,
  type Refusal,
} from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';
import { clusterSubject, type ClusterSubject } from './cluster-subject.ts';

interface Kind {
  readonly driver: KubeDriver;
  /** What is made: a pod, or a namespace or project. */
  readonly label: 'pod' | 'space';
  readonly what: string;
  readonly options?: Partial<KubeCloudOptions>;
  /** Of the cluster, before anything is asked. */
  readonly prepare?: (subject: ClusterSubject) => void;
}

/** Everything comes late. */
const LATE: Partial<KubeCloudOptions> = {
  ...{ scheduleSeconds: 0.5, tokenSeconds: 1, ownSeconds: 0.3, watchLagSeconds: 0.5 },
  ...{ createSeconds: 1, deleteSeconds: 1 },
};

export function clusterConformance({ driver, label, what, options, prepare }: Kind): void {
  cloudDriver(`${driver} (its cluster in memory, ${what})`, async () => {
    const subject = clusterSubject(driver, { ...LATE, ...options });
    const { clock, cloud, config } = subject;
    prepare?.(subject);
    // What the cluster makes of itself is there.
    await clock.advance(LONG_MS);
    const provider = await settleByTurning(clock, subject.connect());
    const isPod = label === 'pod';
    const count = (): Promise<number> => Promise.resolve(machinesOf(driver, subject));
    const common = steered(clock, cloud, provider);
    const kube: CloudSubject = {
      ...common,
      config,
      label,
      hasNoAddress: !isPod,
      // Namespaces need no room.
      ...(!isPod && { neverRefuses: ['capacity'] }),
      listingCall: isPod ? 'GET pods' : 'GET secrets',
      countMachines: count,
      countResources: count,
      stall: () => {
        if (isPod) cloud.hold('create');
        else cloud.holdTokens();
      },
      exhaustQuota: () => {
        if (driver === 'openshiftpods') cloud.plant.quota('main', { pods: '0' });
        else cloud.limits = { instances: 0 };
      },
      refuse: (reason) => {
        refuse(subject, driver, reason);
      },
      plantForeign: async () => {
        plant(driver, subject, 'somebodys', {});
        await clock.advance(LONG_MS);
      },
      leaveBehind: async (tags) => {
        plant(driver, subject, `main-${tags.nodepool_node_id ?? 'none'}`, tags);
        await clock.advance(LONG_MS);
      },
      close: async () => {
        await common.close();
        subject.close();
      },
    };
    return kube;
  });
}

function machinesOf(driver: KubeDriver, { cloud }: ClusterSubject): number {
  const { namespaces, pods } = cloud.counts;
  return driver === 'openshiftpods' ? pods : namespaces;
}

function plant(
  driver: KubeDriver,
  { cloud }: ClusterSubject,
  name: string,
  labels: Readonly<Record<string, string>>,
): void {
  if (driver === 'openshiftpods') cloud.plant.pod('main', { name, labels });
  else cloud.plant.namespace({ name, labels });
}

const CREATIONS: Readonly<Record<KubeDriver, string>> = {
  kubernetes: 'POST namespaces',
  openshift: 'POST projectrequests',
  openshiftpods: 'POST pods',
};

const REFUSALS: Readonly<Record<Exclude<Refusal, 'capacity'>, Omit<Fault, 'call' | 'mode'>>> = {
  transient: { status: 500 },
  fatal: { status: 422, code: 'Invalid', message: 'metadata.labels: Invalid value' },
};

function refuse({ cloud }: ClusterSubject, driver: KubeDriver, reason: Refusal): void {
  // No pod finds a place.
  if (reason === 'capacity') cloud.pods.nodes = [];
  else cloud.arm({ call: CREATIONS[driver], mode: 'fail', times: 100, ...REFUSALS[reason] });
}
