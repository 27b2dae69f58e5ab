/**
 * What of the things that AWS lists may be left over, each with its tags. Pure.
 *
 * What another thing uses is not among it.
 */
import type { Host, Image, Instance, Snapshot, Volume } from '@aws-sdk/client-ec2';

import type { LeakableResource } from '../driver.ts';
import { tagRecord } from './client/tags.ts';
import { externalIdOf } from './ids.ts';
import { isOfSameUpload, tagsOfKey } from './image-names.ts';
import { hasEnded, type ImportTask } from './image-tasks.ts';
import type { HostList, InstanceList } from './instance-list.ts';

type Tags = Readonly<Record<string, string>>;

/** Those that are ending already are nobody's business. */
export function leftInstances(instances: InstanceList): LeakableResource[] {
  return [...instances.values()]
    .filter(({ State }) => State?.Name !== 'shutting-down')
    .map(({ InstanceId: id = '', Tags }: Instance) => ({
      ...{ kind: 'instances', id, externalId: externalIdOf({ instance: id }) },
      metadata: tagRecord(Tags),
    }));
}

/** AWS releases none that has an instance. */
export function leftHosts(hosts: HostList): LeakableResource[] {
  return [...hosts.values()]
    .filter(({ Instances }) => (Instances ?? []).length === 0)
    .map(({ HostId: id = '', Tags }: Host) => ({
      ...{ kind: 'hosts', id, externalId: externalIdOf({ host: id }) },
      metadata: tagRecord(Tags),
    }));
}

/** One that an instance uses goes with it, or stays because somebody wanted it to. */
export function leftVolumes(volumes: readonly Volume[]): LeakableResource[] {
  return volumes
    .filter(
      ({ Attachments, State }) =>
        (Attachments ?? []).length === 0 && State !== 'deleting' && State !== 'deleted',
    )
    .map(({ VolumeId: id = '', Tags }) => ({ kind: 'volumes', id, metadata: tagRecord(Tags) }));
}

export interface ImportedThings {
  readonly tasks: readonly ImportTask[];
  readonly amis: readonly Image[];
  readonly snapshots: readonly Snapshot[];
  /** Tags of those that have none, by id. */
  readonly due: ReadonlyMap<string, Tags>;
}

/** Imports that run, images, snapshots. */
export function leftImports({ tasks, amis, snapshots, due }: ImportedThings): LeakableResource[] {
  const left: LeakableResource[] = tasks
    .filter((task) => !hasEnded(task))
    .map(({ id, tags: metadata }) => ({ kind: 'import-tasks', id, metadata }));
  const tagsOf = (id: string, tags: Image['Tags']): Tags => due.get(id) ?? tagRecord(tags);
  const users = new Map<string, Tags[]>();
  for (const { ImageId: id = '', State, Tags, BlockDeviceMappings = [] } of amis) {
    if (State === 'deregistered') continue;
    const metadata = tagsOf(id, Tags);
    left.push({ kind: 'amis', id, metadata });
    for (const { Ebs } of BlockDeviceMappings)
      if (Ebs?.SnapshotId !== undefined)
        users.set(Ebs.SnapshotId, [...(users.get(Ebs.SnapshotId) ?? []), metadata]);
  }
  for (const { SnapshotId: id = '', Tags } of snapshots) {
    const metadata = tagsOf(id, Tags);
    // An image of the same upload goes first, one of others needs it.
    if ((users.get(id) ?? []).every((ofUser) => isOfSameUpload(ofUser, metadata)))
      left.push({ kind: 'snapshots', id, metadata });
  }
  return left;
}

/** What was sent of objects that never came to be. Has no tags: the key tells. */
export function leftMultiparts(
  multiparts: readonly { readonly key: string; readonly uploadId: string }[],
): LeakableResource[] {
  return multiparts.flatMap(({ key, uploadId }) => {
    const metadata = tagsOfKey(key);
    if (metadata === undefined) return [];
    return [{ kind: 'multiparts', id: `${uploadId} ${key}`, metadata }];
  });
}

/** What the id of such a thing holds; AWS's ids have no blanks. */
export function readMultipart(id: string): { readonly key: string; readonly uploadId: string } {
  const end = id.indexOf(' ');
  return { uploadId: id.slice(0, end), key: id.slice(end + 1) };
}
