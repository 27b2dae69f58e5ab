/**
 * What is launched for one label of a request, from the configuration and the images of this moment:
 * the label, the image, and the record that the node's znode begins with.
 */
import type { PoolLabel, ProviderImage } from '../../schemas/config/model.ts';
import { newNode, type NodeRecord } from '../../schemas/records/node.ts';
import { CloudError } from '../../shared/base/errors.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import { seconds, type Context } from '../context.ts';
import type { Pool } from '../pools/pool.ts';
import { loginFields } from './node-fields.ts';

export interface LaunchImage {
  readonly login: ProviderImage | undefined;
  /** As the node's record names it. */
  readonly id: string | null;
  readonly externalId: string | undefined;
}

export interface LaunchPlan {
  readonly label: PoolLabel;
  readonly image: LaunchImage;
  readonly record: NodeRecord;
}

/** A plan whose znode exists already; nobody has its lock yet. */
export interface PreparedLaunch {
  readonly plan: LaunchPlan;
  readonly node: StoredNode;
}

/** Throws CloudError where the label has left the configuration, or its image is not there. */
export function planLaunch(
  context: Context,
  where: { readonly pool: Pool; readonly request: StoredRequest; readonly label: string },
): LaunchPlan {
  const { pool, request } = where;
  const label = pool.config.labels.get(where.label);
  if (!label) throw new CloudError('NP_CLOUD_FATAL', `label ${where.label} left the configuration`);
  const image = imageOf(context, pool, label);
  const record = newNode(
    {
      provider: pool.provider.name,
      pool: pool.name,
      type: [label.name],
      launcher: pool.id,
      allocated_to: request.id,
      tenant_name: request.record.tenant_name,
      requestor: request.record.requestor,
      attributes: pool.config.nodeAttributes ? { ...pool.config.nodeAttributes } : null,
      resources: { ...pool.provider.label(pool.name, label.name).need },
      image_id: image.id,
      ...(image.login ? loginFields(image.login) : {}),
    },
    seconds(context.clock),
  );
  return { label, image, record };
}

/**
 * What is to be booted instead of an image that was chosen earlier: it is the newest no more, and may be
 * gone. Undefined: the choice holds.
 */
export function newerImage(
  context: Context,
  pool: Pool,
  label: PoolLabel,
  chosen: LaunchImage,
): LaunchImage | undefined {
  if (label.diskimage === undefined) return undefined;
  const upload = context.store.images.newestReady(label.diskimage, pool.provider.name);
  if (upload === undefined || upload.path === chosen.id) return undefined;
  return imageOf(context, pool, label);
}

function imageOf(context: Context, { provider }: Pool, label: PoolLabel): LaunchImage {
  if (label.diskimage !== undefined) {
    const upload = context.store.images.newestReady(label.diskimage, provider.name);
    if (!upload) {
      throw new CloudError(
        'NP_CLOUD_TRANSIENT',
        `label ${label.name}: image ${label.diskimage} has no upload in provider ${provider.name}`,
      );
    }
    return {
      login: provider.config.diskimages.get(label.diskimage),
      id: upload.path,
      externalId: upload.record.external_id ?? undefined,
    };
  }
  const name = label.cloudImage;
  return {
    login: name === undefined ? undefined : provider.config.cloudImages.get(name),
    id: name ?? null,
    externalId: undefined,
  };
}
