/** What the parts of the page expect of each other. Types alone. */
import type { Change } from './types.ts';

export interface ViewContext {
  readonly cluster: import('./cluster.js').Cluster;
  readonly address: import('./address.js').Address;
  readonly actions: import('./actions.js').Actions;
  readonly announcer: import('./announcer.js').Announcer;
}

/** One tab. It is drawn only while it is shown. */
export interface View {
  readonly id: string;
  readonly title: string;
  readonly element: HTMLElement;
  draw(changes: ReadonlySet<Change>): void;
  /** Number beside the tab's name. */
  count?(): number;
  /** Where `/` goes. */
  readonly search?: HTMLInputElement;
  /** Gives the list the focus. */
  focusRows?(): void;
}
