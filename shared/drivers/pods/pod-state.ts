/**
 * What a pod's status says of its way up. Pure.
 *
 * Facts: kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle; reasons of waiting containers as the
 * kubelet gives them (pkg/kubelet/{images,kuberuntime,container}).
 */
import { CloudError } from '../../base/errors.ts';
import type { Pod } from './client/objects.ts';
import { isDeleting } from './ids.ts';

export type PodState =
  | { readonly is: 'running' }
  /** No repetition helps, or only another attempt does. */
  | { readonly is: 'failed'; readonly error: CloudError }
  /** The kubelet tries again what went wrong; worth some patience. */
  | { readonly is: 'stuck'; readonly why: string }
  /** The scheduler finds no place; there may be one later. */
  | { readonly is: 'unplaced'; readonly why: string }
  | { readonly is: 'coming' };

/** The configuration is wrong: the kubelet would say the same again. */
const HOPELESS: ReadonlySet<string> = new Set(['InvalidImageName', 'ErrImageNeverPull']);

/** Names are the kubelet's. */
const STUCK: ReadonlySet<string> = new Set([
  ...['ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable'],
  ...['SignatureValidationFailed', 'CreateContainerConfigError', 'CreateContainerError'],
  ...['RunContainerError', 'PreStartHookError', 'PostStartHookError', 'CrashLoopBackOff'],
]);

export function podState(pod: Pod): PodState {
  const name = pod.metadata?.name ?? '';
  const { phase = 'Pending', reason, message } = pod.status ?? {};
  if (isDeleting(pod)) return failed(`pod ${name} was deleted by somebody else`);
  if (phase === 'Running') return { is: 'running' };
  if (phase === 'Failed' || phase === 'Succeeded')
    return failed(`pod ${name} ended (${phase}): ${words(reason, message ?? endOf(pod))}`);
  const waiting = waitingOf(pod);
  if (waiting?.reason !== undefined && HOPELESS.has(waiting.reason))
    return {
      is: 'failed',
      error: new CloudError(
        'NP_CLOUD_FATAL',
        `pod ${name} cannot start: ${words(waiting.reason, waiting.message)}`,
        { hint: 'correct the image of the label' },
      ),
    };
  if (waiting?.reason !== undefined && STUCK.has(waiting.reason))
    return { is: 'stuck', why: words(waiting.reason, waiting.message) };
  const placed = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (placed?.status === 'False' && placed.reason === 'Unschedulable')
    return { is: 'unplaced', why: words(undefined, placed.message) };
  return { is: 'coming' };
}

/** Why a pod that came too late, or not at all, did not. */
export function lateError(pod: string, state: PodState, seconds: number): CloudError {
  const text = `pod ${pod} does not run after ${seconds} s`;
  if (state.is === 'unplaced')
    return new CloudError('NP_CLOUD_CAPACITY', `${text}: ${state.why}`, { labels: ['capacity'] });
  const why = state.is === 'stuck' ? `: ${state.why}` : '';
  return new CloudError('NP_CLOUD_TRANSIENT', text + why, { labels: ['retryable'] });
}

function failed(text: string): PodState {
  const labels = ['retryable'] as const;
  return { is: 'failed', error: new CloudError('NP_CLOUD_TRANSIENT', text, { labels }) };
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** Of the first container that waits for something other than its turn. */
function waitingOf(pod: Pod): { readonly reason?: string; readonly message?: string } | undefined {
  const waiting = containersOf(pod).flatMap(({ state }) => state?.waiting ?? []);
  return waiting.find(({ reason = '' }) => HOPELESS.has(reason) || STUCK.has(reason));
}

function endOf(pod: Pod): string | undefined {
  const [ended] = containersOf(pod).flatMap(({ state }) => state?.terminated ?? []);
  if (ended === undefined) return undefined;
  return `exit code ${ended.exitCode}${ended.message === undefined ? '' : `, ${ended.message}`}`;
}

function words(reason: string | undefined, message: string | undefined): string {
  const parts = [reason, message].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? 'no reason given' : parts.join(': ');
}
