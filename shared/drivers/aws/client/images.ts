/**
 * EC2's images, snapshots and the tasks that import them. Facts: docs.aws.amazon.com/AWSEC2, API
 * reference.
 */
import type {
  EC2,
  Filter,
  Image,
  ImportImageCommandInput,
  ImportImageTask,
  ImportSnapshotCommandInput,
  ImportSnapshotTask,
  RegisterImageCommandInput,
  Snapshot,
} from '@aws-sdk/client-ec2';

import { answerWithout, orUndefined } from './errors.ts';
import type { Service } from './service.ts';
import { tagList } from './tags.ts';
import { codeOf } from './thrown.ts';

const PAGE = { MaxResults: 1000 };
const TASK_HAS_ENDED = /^Incorrect(ImportTask)?State$/;

export class Images {
  readonly #ec2: Service<EC2>;

  constructor(ec2: Service<EC2>) {
    this.#ec2 = ec2;
  }

  /** Undefined: there is none that we may use. */
  async image(id: string, signal: AbortSignal): Promise<Image | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'DescribeImages',
        (ec2, options) => ec2.describeImages({ ImageIds: [id] }, options),
        signal,
      ),
    );
    return answer?.Images?.[0];
  }

  /** All that fit the filters, foreign ones too, in no order. */
  find(filters: readonly Filter[], signal: AbortSignal): Promise<readonly Image[]> {
    return this.#images({ Filters: [...filters] }, signal);
  }

  /** The account's own. */
  own(signal: AbortSignal): Promise<readonly Image[]> {
    return this.#images({ Owners: ['self'] }, signal);
  }

  async deregister(id: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#ec2.change(
        'DeregisterImage',
        (ec2, options) => ec2.deregisterImage({ ImageId: id }, options),
        signal,
      ),
    );
  }

  /** Resolves with the id. Has no token: what is `ambiguous` may have been done. */
  async register(request: RegisterImageCommandInput, signal: AbortSignal): Promise<string> {
    const { ImageId } = await this.#ec2.change(
      'RegisterImage',
      (ec2, options) => ec2.registerImage(request, options),
      signal,
      { isRepeatable: false },
    );
    if (ImageId === undefined) throw answerWithout('RegisterImage', 'an image');
    return ImageId;
  }

  /** The account's own. */
  snapshots(signal: AbortSignal): Promise<readonly Snapshot[]> {
    return this.#ec2.readAll(
      'DescribeSnapshots',
      (ec2, page, options) =>
        ec2.describeSnapshots({ OwnerIds: ['self'], ...PAGE, ...page }, options),
      ({ Snapshots }) => Snapshots,
      signal,
    );
  }

  async snapshot(id: string, signal: AbortSignal): Promise<Snapshot | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'DescribeSnapshots',
        (ec2, options) => ec2.describeSnapshots({ SnapshotIds: [id] }, options),
        signal,
      ),
    );
    return answer?.Snapshots?.[0];
  }

  async deleteSnapshot(id: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#ec2.change(
        'DeleteSnapshot',
        (ec2, options) => ec2.deleteSnapshot({ SnapshotId: id }, options),
        signal,
      ),
    );
  }

  /** Adds tags; those of the same names are replaced. */
  async tag(
    ids: readonly string[],
    tags: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ec2.change(
      'CreateTags',
      (ec2, options) => ec2.createTags({ Resources: [...ids], Tags: tagList(tags) }, options),
      signal,
    );
  }

  /** Resolves with the task's id. Give the request a ClientToken: then a lost answer is harmless. */
  async importSnapshot(request: ImportSnapshotCommandInput, signal: AbortSignal): Promise<string> {
    const { ImportTaskId } = await this.#ec2.change(
      'ImportSnapshot',
      (ec2, options) => ec2.importSnapshot(request, options),
      signal,
      { isRepeatable: request.ClientToken !== undefined },
    );
    if (ImportTaskId === undefined) throw answerWithout('ImportSnapshot', 'a task');
    return ImportTaskId;
  }

  /** Undefined: AWS knows none, or not any more. */
  async snapshotTask(id: string, signal: AbortSignal): Promise<ImportSnapshotTask | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'DescribeImportSnapshotTasks',
        (ec2, options) => ec2.describeImportSnapshotTasks({ ImportTaskIds: [id] }, options),
        signal,
      ),
    );
    return answer?.ImportSnapshotTasks?.[0];
  }

  snapshotTasks(signal: AbortSignal): Promise<readonly ImportSnapshotTask[]> {
    return this.#ec2.readAll(
      'DescribeImportSnapshotTasks',
      (ec2, page, options) => ec2.describeImportSnapshotTasks({ ...PAGE, ...page }, options),
      ({ ImportSnapshotTasks }) => ImportSnapshotTasks,
      signal,
    );
  }

  /** As `importSnapshot`. */
  async importImage(request: ImportImageCommandInput, signal: AbortSignal): Promise<string> {
    const { ImportTaskId } = await this.#ec2.change(
      'ImportImage',
      (ec2, options) => ec2.importImage(request, options),
      signal,
      { isRepeatable: request.ClientToken !== undefined },
    );
    if (ImportTaskId === undefined) throw answerWithout('ImportImage', 'a task');
    return ImportTaskId;
  }

  async imageTask(id: string, signal: AbortSignal): Promise<ImportImageTask | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'DescribeImportImageTasks',
        (ec2, options) => ec2.describeImportImageTasks({ ImportTaskIds: [id] }, options),
        signal,
      ),
    );
    return answer?.ImportImageTasks?.[0];
  }

  imageTasks(signal: AbortSignal): Promise<readonly ImportImageTask[]> {
    return this.#ec2.readAll(
      'DescribeImportImageTasks',
      (ec2, page, options) => ec2.describeImportImageTasks({ ...PAGE, ...page }, options),
      ({ ImportImageTasks }) => ImportImageTasks,
      signal,
    );
  }

  /** Of either kind. One that has ended, or never was, is fine. */
  async cancelImport(id: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#ec2.change(
        'CancelImportTask',
        async (ec2, options) => {
          try {
            await ec2.cancelImportTask({ ImportTaskId: id }, options);
          } catch (error) {
            if (!TASK_HAS_ENDED.test(codeOf(error) ?? '')) throw error;
          }
        },
        signal,
      ),
    );
  }

  #images(
    request: { Filters: Filter[] } | { Owners: string[] },
    signal: AbortSignal,
  ): Promise<readonly Image[]> {
    return this.#ec2.readAll(
      'DescribeImages',
      (ec2, page, options) => ec2.describeImages({ ...request, ...PAGE, ...page }, options),
      ({ Images: images }) => images,
      signal,
    );
  }
}
