/** Colours of the states of nodes, requests, builds and uploads: what needs a look stands out. */
import type { Style } from './lines.ts';

const STYLES: Readonly<Record<string, Style>> = {
  ready: 'green',
  fulfilled: 'green',
  'in-use': 'cyan',
  requested: 'yellow',
  pending: 'yellow',
  init: 'yellow',
  building: 'yellow',
  uploading: 'yellow',
  testing: 'yellow',
  hold: 'magenta',
  paused: 'magenta',
  failed: 'red',
  aborted: 'red',
  used: 'dim',
  deleting: 'dim',
  deleted: 'dim',
};

export function stateStyle(state: string): Style {
  return STYLES[state] ?? 'plain';
}
