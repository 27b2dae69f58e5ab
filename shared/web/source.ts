/**
 * What the web server shows. The launcher answers from its caches, so nothing here waits.
 */
import type { BuildRecord, UploadRecord } from '../../schemas/records/image.ts';
import type { LauncherStatus } from '../../schemas/launcher-status.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { BuildKey, UploadKey } from '../store/paths.ts';
import type { Actions } from './admin/actions.ts';
import type { BuilderSource } from './builders/source.ts';
import type { Topic } from './events/topic.ts';

export interface NodeView {
  readonly id: string;
  readonly record: NodeRecord;
  /** Whether anybody holds or waits for the node's lock. */
  readonly isLocked: boolean;
}

export interface RequestView {
  readonly id: string;
  readonly record: RequestRecord;
}

export interface BuildView extends BuildKey {
  readonly record: BuildRecord;
  /** Whether the image is paused, whatever the build's own state is. */
  readonly isPaused: boolean;
}

export interface UploadView extends UploadKey {
  readonly record: UploadRecord;
}

export interface ImageView {
  readonly name: string;
  readonly isPaused: boolean;
  /** Undefined: nobody asks for a build. */
  readonly request: BuildRequestView | undefined;
}

export interface BuildRequestView {
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Whether a builder has taken it up. */
  readonly isBuilding: boolean;
}

/** Sorted by image, build, provider and number. */
export interface ImageSource {
  images(): ImageView[];
  builds(): BuildView[];
  uploads(): UploadView[];
}

export interface WebSource {
  /** Which launcher this is, and of which version. */
  readonly launcher: string;
  readonly version: string;
  /** What the stream of events tells of. */
  readonly topics: readonly Topic[];
  nodes(): Iterable<NodeView>;
  node(id: string): NodeView | undefined;
  requests(): Iterable<RequestView>;
  readonly images: ImageSource;
  /** Why a request is where it is, as JSON data; undefined: there is no such request. */
  explain(request: string): object | undefined;
  /** What the waiting requests wait for, as JSON data. */
  explainWaiting(): object;
  /** What goes on in this launcher. */
  status(): LauncherStatus;
  /** What operators may do. */
  readonly actions: Actions;
  readonly builders: BuilderSource;
  /** Labels of all registered pools, of all launchers. */
  labels(): Iterable<string>;
  /** Whether the first pass over the configuration is done. */
  isReady(): boolean;
}
