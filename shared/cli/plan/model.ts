/**
 * What `nodepool plan` finds: one record for each thing that would change. As JSON it is what `--json`
 * prints.
 */
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import type { BuildView } from '../../rules/images/view.ts';
import type { NodeView, RequestView } from '../../web/source.ts';

/** The parts of a plan, in the order in which they are shown. */
export const PARTS = [
  'daemons',
  'providers',
  'labels',
  'nodes',
  'hosts',
  'images',
  'limits',
  'requests',
] as const;
export type Part = (typeof PARTS)[number];

export interface Change {
  readonly part: Part;
  /** `+` comes, `-` goes, `~` changes. */
  readonly mark: '+' | '-' | '~';
  /** A word for scripts, such as `provider-removed`. */
  readonly code: string;
  /** What changes: the name of a provider, `provider-pool`, label, image or option. */
  readonly subject: string;
  /** What happens to it, and what does not. Goes on where the subject stands. */
  readonly text: string;
  /** What it concerns: ids of nodes, requests and builds, names of hosts and options. */
  readonly ids: readonly string[];
  /** Something is lost, or left to nobody: `--check` refuses it. */
  readonly is_loss: boolean;
}

/** What `nodepool plan --json` prints. */
export interface Plan {
  readonly changes: readonly Change[];
  /** How many of them lose something. */
  readonly losses: number;
  /** False with `--offline`: nodes, images and requests were not looked at. */
  readonly is_of_records: boolean;
}

/** What ZooKeeper holds, read once. */
export interface Snapshot {
  readonly nodes: readonly NodeView[];
  readonly requests: readonly RequestView[];
  /** All pools that are registered, of launchers with other configurations, too. */
  readonly pools: readonly ComponentRecord[];
  /** By image, with or without builds. */
  readonly images: ReadonlyMap<string, ImageState>;
  /** When it was read, in seconds since 1970. */
  readonly now: number;
}

export interface ImageState {
  readonly builds: readonly BuildView[];
  /** By an operator (`image-pause`). */
  readonly isPaused: boolean;
}

/** All but the part, whose file adds it. */
export type Finding = Omit<Change, 'part' | 'ids' | 'is_loss'> & {
  readonly ids?: readonly string[];
  readonly is_loss?: boolean;
};

export function changesOf(part: Part, findings: Iterable<Finding>): Change[] {
  return Array.from(findings, ({ mark, code, subject, text, ids = [], is_loss = false }) => ({
    ...{ part, mark, code, subject, text, ids, is_loss },
  }));
}
