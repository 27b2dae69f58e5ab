/**
 * One attempt to launch a machine for a node: create, wait for the address, scan its host keys, ready.
 *
 * The whole attempt has `launch-timeout`; the scan has `boot-timeout` within it. The cloud's id is in
 * the node's znode before anything else happens, so a crash at any line leaves a trail. The node's lock
 * may still be on its way when the cloud is asked.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PoolLabel } from '../../schemas/config/model.ts';
import { CloudError } from '../../shared/base/errors.ts';
import { withDeadline } from '../../shared/base/wait.ts';
import type {
  BorrowedNode,
  ExternalId,
  Instance,
  LaunchSpec,
} from '../../shared/drivers/driver.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import { toState, type Context } from '../context.ts';
import { placeOn } from '../borrowing/place-on.ts';
import type { Pool } from '../pools/pool.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import type { NodeProgress } from '../requests/progress.ts';
import { instanceFields, ownId } from './node-fields.ts';

export interface AttemptJob {
  readonly pool: Pool;
  readonly provider: ProviderRuntime;
  readonly label: PoolLabel;
  readonly nodeId: string;
  /** Resolves when the node's lock is ours. Until then nothing is written. */
  readonly owned: Promise<OwnedNode>;
  /** Told of what the cloud has made, before it is written. */
  readonly onCreated?: (id: ExternalId, driverData: unknown) => void;
  readonly spec: Omit<LaunchSpec, 'created'>;
  /** Written along the way. */
  readonly progress: NodeProgress;
  readonly signal: AbortSignal;
}

export async function attemptLaunch(context: Context, job: AttemptJob): Promise<void> {
  const { provider, nodeId } = job;
  const { launchTimeoutSeconds } = provider.config;
  const timeout = (): Error =>
    new CloudError(
      'NP_LAUNCH_TIMEOUT',
      `node ${nodeId} is not ready after ${launchTimeoutSeconds} s (launch-timeout)`,
    );
  const options = {
    clock: context.clock,
    ms: launchTimeoutSeconds * 1000,
    signal: job.signal,
    error: timeout,
  };
  await withDeadline(options, async (signal) => {
    const { connection } = provider;
    if (!connection.launch) {
      throw new CloudError('NP_CLOUD_FATAL', `provider ${provider.name} launches no nodes`);
    }
    const spec = {
      ...job.spec,
      created: async (id: ExternalId, driverData?: unknown, on?: BorrowedNode) => {
        job.progress.enter('waiting-for-address');
        job.onCreated?.(id, driverData);
        const node = await job.owned;
        const fields = createdFields(id, driverData);
        return on ? placeOn(context, node, fields, on) : reportCreated(context, node, fields);
      },
    };
    const instance = await connection.launch(spec, signal);
    const node = await job.owned;
    const fields = instanceFields(instance, job.pool.config);
    const keys = await hostKeys(context, { ...job, node }, instance, signal);
    if (node.signal.aborted) throw node.signal.reason;
    // Whoever completes the request writes it, together with what comes next.
    node.stage({ ...fields, ...keys, ...toState(context.clock, 'ready') });
  });
}

async function reportCreated(
  context: Context,
  node: OwnedNode,
  fields: Partial<NodeRecord>,
): Promise<void> {
  // As it was planned.
  if (isMatching(node.record, fields)) return;
  await context.store.transaction().set(node, fields).commit();
}

function isMatching(record: NodeRecord, fields: Partial<NodeRecord>): boolean {
  return Object.entries(fields).every(([key, value]) =>
    isDeepStrictEqual(record[key as keyof NodeRecord], value),
  );
}

function createdFields(id: ExternalId, driverData: unknown): Partial<NodeRecord> {
  return { external_id: ownId(id), ...(driverData !== undefined && { driver_data: driverData }) };
}

/** The machine's keys as it shows them itself, where they are wanted. */
async function hostKeys(
  context: Context,
  job: AttemptJob & { readonly node: OwnedNode },
  instance: Instance,
  signal: AbortSignal,
): Promise<{ host_keys?: string[] }> {
  const { provider, node, label } = job;
  if (!label.hostKeyChecking) return {};
  job.progress.enter('scanning-host-keys');
  const fields = instanceFields(instance, job.pool.config);
  // The address is worth a write of its own: the scan can take minutes, and people look meanwhile.
  await context.store.transaction().set(node, fields).commit();
  const { record } = node;
  const port = typeof record.connection_port === 'number' ? record.connection_port : 22;
  if (record.interface_ip === null) {
    throw new CloudError('NP_KEYSCAN_FAILED', `node ${node.id} has no address to scan`);
  }
  const keys = await provider.scanner.scan({
    host: record.interface_ip,
    port,
    connectionType: record.connection_type ?? 'ssh',
    bootTimeoutSeconds: provider.config.bootTimeoutSeconds,
    signal,
  });
  return keys.length > 0 ? { host_keys: [...keys] } : {};
}
