/** Nodes as commands may find them: every state, locked and unlocked, and what is not in order. */
import { newNode, type NodeRecord } from '../../schemas/records/node.ts';
import { nodeLockPath, nodePath } from '../../shared/store/paths.ts';
import type { CliSite } from './cli-site.ts';

/** So old that no hour passes between two programs. */
const SINCE = Math.floor(Date.now() / 1000) - 3 * 86_400 - 1800;

export const NODE_IDS = {
  ready: '0000000000',
  lockedByZuul: '0000000001',
  held: '0000000002',
  deleting: '0000000003',
  failed: '0000000004',
  building: '0000000005',
  otherProvider: '0000000006',
  pods: '0000000007',
  old: '0000000008',
  empty: '0000000009',
  leftLock: '0000000010',
  host: '0000000011',
} as const;

/** What Kubernetes nodes carry in place of a port. */
const POD = { token: 'hidden' };

const RECORDS: Readonly<Record<string, Partial<NodeRecord>>> = {
  ready: { external_id: 'a1', public_ipv4: '192.0.2.1', host_keys: ['ssh-rsa AAAA'] },
  lockedByZuul: { state: 'in-use', external_id: 'a2', allocated_to: '100-0000000001' },
  held: { state: 'hold', external_id: 'a3', comment: 'größer', hold_job: 'x', hold_expiration: 60 },
  deleting: { state: 'deleting', external_id: 'a4' },
  failed: { state: 'failed', external_id: null },
  building: { state: 'building', external_id: null, launcher: 'gone-1' },
  otherProvider: { provider: 'cloud-two', external_id: { instance: 'i-1', host: null } },
  pods: { connection_port: POD, ssh_port: POD, user_data: { k: ["it's", 1.5, true, null] } },
  leftLock: { state: 'used', external_id: 'a5', type: ['small', 'big'] },
  host: { provider: 'hosts', external_id: 'host.test', hostname: 'host.test', slot: 0 },
};

/** Fills an empty place. The lock's holder is no process: it stays. */
export async function putNodes(site: CliSite): Promise<void> {
  const put = async (name: keyof typeof NODE_IDS, record: object | ''): Promise<void> => {
    await site.put(nodePath(NODE_IDS[name]), record);
  };
  for (const [name, fields] of Object.entries(RECORDS)) {
    const common = {
      state: 'ready',
      provider: 'cloud-one',
      pool: 'main',
      type: ['small'],
    } as const;
    await put(
      name as keyof typeof NODE_IDS,
      newNode({ ...common, type: ['small'], ...fields }, SINCE),
    );
  }
  // As it was written years ago.
  const ports = { connection_port: 22, ssh_port: 22 };
  await put('old', {
    ...{ state: 'ready', state_time: SINCE, provider: 'cloud-one', type: 'small' },
    ...ports,
  });
  await put('empty', '');
  await site.put(`${nodeLockPath(NODE_IDS.lockedByZuul)}/${'0'.repeat(32)}__lock__0000000000`);
  await site.put(nodeLockPath(NODE_IDS.leftLock));
}

/** Who holds or wants the locks of nodes, by node. */
export async function nodeLocks(site: CliSite): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const id of Object.values(NODE_IDS)) {
    const path = nodeLockPath(id);
    if (!(await site.client.exists(path))) continue;
    const { children } = await site.client.children(path);
    if (children.length > 0) found[id] = children;
  }
  return found;
}
